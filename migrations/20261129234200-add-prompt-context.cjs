/** How many messages of an answer's branch its prompt had, and how many were left out; null: none was. */
module.exports = {
  up: ({ sequelize }) => sequelize.query('ALTER TABLE messages ADD COLUMN context jsonb'),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE messages DROP COLUMN context'),
};
