/**
 * What makes edits, new answers and continuations idempotent: by its author's key, what was asked for, and the message
 * that came of it, with which the row goes. Deleted messages are marked at once and erased in batches.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE TABLE asks (
        user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
        client_id text NOT NULL CHECK (client_id ~ '^[A-Za-z0-9_-]{1,64}$'),
        request text NOT NULL,
        conversation_id bigint NOT NULL,
        message_id bigint NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, client_id),
        CONSTRAINT asks_message FOREIGN KEY (conversation_id, message_id)
          REFERENCES messages (conversation_id, id) ON DELETE CASCADE
      );
      CREATE INDEX asks_message ON asks (conversation_id, message_id);
    `),

  down: ({ sequelize }) => sequelize.query('DROP TABLE asks'),
};
