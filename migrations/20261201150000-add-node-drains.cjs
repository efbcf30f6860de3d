/** Set when an administrator asks the node to drain; its next heartbeat reads it. */
module.exports = {
  up: ({ sequelize }) => sequelize.query('ALTER TABLE nodes ADD COLUMN drain_asked_at timestamptz'),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE nodes DROP COLUMN drain_asked_at'),
};
