/**
 * What grows with data is marked as deleted at once, and erased in batches. Erasing a message looks for those below it,
 * which takes an index.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE conversations ADD COLUMN deleted_at timestamptz(3);
      CREATE INDEX conversations_deleted_at ON conversations (deleted_at, id) WHERE deleted_at IS NOT NULL;
      ALTER TABLE users ADD COLUMN deleted_at timestamptz(3);
      CREATE INDEX users_deleted_at ON users (deleted_at, id) WHERE deleted_at IS NOT NULL;
      CREATE INDEX messages_parent_id ON messages (conversation_id, parent_id);
    `),

  down: ({ sequelize }) =>
    sequelize.query(`
      DROP INDEX messages_parent_id;
      ALTER TABLE users DROP COLUMN deleted_at;
      ALTER TABLE conversations DROP COLUMN deleted_at;
    `),
};
