/** Erasing a user takes these rows by the user. The table keeps one hour, so that the index is built at once. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query('CREATE INDEX list_changes_user_id ON list_changes (user_id)'),

  down: ({ sequelize }) => sequelize.query('DROP INDEX list_changes_user_id'),
};
