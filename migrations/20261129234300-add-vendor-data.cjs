/** What a model server wants back with an answer in later prompts, as it gave it. */
module.exports = {
  up: ({ sequelize }) => sequelize.query('ALTER TABLE messages ADD COLUMN vendor jsonb'),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE messages DROP COLUMN vendor'),
};
