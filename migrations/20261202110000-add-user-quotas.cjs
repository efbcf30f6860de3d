/** What a user may use instead of what their roles allow; NULL: what their roles allow. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE users
        ADD COLUMN tokens_per_day bigint CHECK (tokens_per_day >= 0),
        ADD COLUMN tokens_per_month bigint CHECK (tokens_per_month >= 0);
    `),

  down: ({ sequelize }) =>
    sequelize.query('ALTER TABLE users DROP COLUMN tokens_per_month, DROP COLUMN tokens_per_day'),
};
