/** Deleted messages are gone at once and erased in batches. No row is written for it, and the index is empty at first. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE messages ADD COLUMN deleted_at timestamptz(3);
      CREATE INDEX messages_deleted_at ON messages (deleted_at, conversation_id) WHERE deleted_at IS NOT NULL;
    `),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE messages DROP COLUMN deleted_at'),
};
