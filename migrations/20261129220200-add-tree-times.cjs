/** When messages were last changed or deleted, which readers are told once: a node that has not heard has them read again. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query('ALTER TABLE conversations ADD COLUMN tree_changed_at timestamptz'),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE conversations DROP COLUMN tree_changed_at'),
};
