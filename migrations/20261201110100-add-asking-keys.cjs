/** The key that asked for an answer: without the scope to read, it reads only these. */
module.exports = {
  up: ({ sequelize }) => sequelize.query('ALTER TABLE messages ADD COLUMN key_id uuid'),
  down: ({ sequelize }) => sequelize.query('ALTER TABLE messages DROP COLUMN key_id'),
};
