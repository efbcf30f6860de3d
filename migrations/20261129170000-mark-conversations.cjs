/**
 * Deleted conversations are marked at once and erased in batches. Each table has a migration, and so a transaction, of
 * its own: no release that runs meanwhile waits for one table while it holds another, or for an index of `messages`.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE conversations ADD COLUMN deleted_at timestamptz(3);
      CREATE INDEX conversations_deleted_at ON conversations (deleted_at, id) WHERE deleted_at IS NOT NULL;
    `),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE conversations DROP COLUMN deleted_at'),
};
