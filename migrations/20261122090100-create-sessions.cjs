/** Signed-in devices. No token is stored: tokens follow from id, gen and rotated_at. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE TABLE sessions (
        id uuid PRIMARY KEY,
        user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
        gen integer NOT NULL DEFAULT 0 CHECK (gen >= 0),
        seen_gen integer NOT NULL DEFAULT -1 CHECK (seen_gen <= gen),
        rotated_at timestamptz(3) NOT NULL DEFAULT now(),
        user_agent text NOT NULL DEFAULT '' CHECK (char_length(user_agent) <= 512),
        ip text NOT NULL DEFAULT '' CHECK (char_length(ip) <= 64),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        last_used_at timestamptz(3) NOT NULL DEFAULT now(),
        expires_at timestamptz(3) NOT NULL,
        revoked_at timestamptz(3)
      );
      CREATE INDEX sessions_user_id ON sessions (user_id, last_used_at DESC) WHERE revoked_at IS NULL;
      CREATE INDEX sessions_expires_at ON sessions (expires_at);
    `),

  down: ({ sequelize }) => sequelize.query('DROP TABLE sessions'),
};
