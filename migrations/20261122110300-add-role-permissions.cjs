/** What roles allow. Until now whoever was signed in could chat: that stays so for everybody. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE roles ADD COLUMN permissions text[] NOT NULL DEFAULT '{}';
      UPDATE roles SET permissions = '{conversations:read,conversations:write,messages:send}';
      UPDATE roles SET permissions = permissions ||
        '{users:read,users:write,roles:read,roles:write,usage:read,nodes:read,audit:read}'
      WHERE name = 'admin';
      INSERT INTO user_roles (user_id, role_id)
      SELECT u.id, r.id FROM users u, roles r
      WHERE r.name = 'user' AND NOT EXISTS (SELECT 1 FROM user_roles ur WHERE ur.user_id = u.id);
    `),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE roles DROP COLUMN permissions'),
};
