/**
 * Notifications keep the trace of their answer. The previous release leaves it alone.
 */
module.exports = {
  up: ({ sequelize }) => sequelize.query('ALTER TABLE notifications ADD COLUMN traceparent text'),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE notifications DROP COLUMN traceparent'),
};
