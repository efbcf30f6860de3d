/**
 * Keys of calls whose messages were erased. A device that repeats such a call, because it never got the reply, must
 * not bring the message back. No key refers to its user: erasing messages holds no lock on users.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE TABLE spent_keys (
        user_id bigint NOT NULL,
        client_id text NOT NULL,
        spent_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, client_id)
      );
      CREATE INDEX spent_keys_spent_at ON spent_keys (spent_at);
    `),

  down: ({ sequelize }) => sequelize.query('DROP TABLE spent_keys'),
};
