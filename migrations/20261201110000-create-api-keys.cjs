/**
 * Keys with which programs act for a user. Only the hash of a key is kept. A revoked or expired key stays for a while, so
 * that its program learns what became of it.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE TABLE api_keys (
        id uuid PRIMARY KEY,
        user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
        name text NOT NULL CHECK (char_length(name) <= 100),
        key_hash text NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
        prefix text NOT NULL CHECK (char_length(prefix) = 10),
        scopes text[] NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        expires_at timestamptz(3),
        last_used_at timestamptz(3),
        revoked_at timestamptz(3)
      );
      CREATE INDEX api_keys_user_id ON api_keys (user_id, created_at);
      CREATE INDEX api_keys_ended_at ON api_keys (coalesce(revoked_at, expires_at));
    `),

  down: ({ sequelize }) => sequelize.query('DROP TABLE api_keys'),
};
