/** Deleted users, like conversations, are marked at once and erased in batches. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE users ADD COLUMN deleted_at timestamptz(3);
      CREATE INDEX users_deleted_at ON users (deleted_at, id) WHERE deleted_at IS NOT NULL;
    `),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE users DROP COLUMN deleted_at'),
};
