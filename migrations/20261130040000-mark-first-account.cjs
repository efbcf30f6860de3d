/** When the first account was made. Null: nobody has ever had one here, and whoever registers first becomes administrator. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE deployment ADD COLUMN first_account_at timestamptz(3);
      UPDATE deployment SET first_account_at = (SELECT created_at FROM users ORDER BY id LIMIT 1);
    `),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE deployment DROP COLUMN first_account_at'),
};
