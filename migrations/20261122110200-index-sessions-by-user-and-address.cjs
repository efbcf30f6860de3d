/** From where a user has signed in, logged-out sessions included. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query('CREATE INDEX sessions_user_id_ip ON sessions (user_id, ip)'),

  down: ({ sequelize }) => sequelize.query('DROP INDEX sessions_user_id_ip'),
};
