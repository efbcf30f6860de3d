/**
 * Answers keep the trace of the question that asked for them, for whichever node claims them. The previous release leaves
 * it alone. Generations do not keep it: what is guessed of their table before it is analyzed depends on their width.
 */
module.exports = {
  up: ({ sequelize }) => sequelize.query('ALTER TABLE messages ADD COLUMN traceparent text'),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE messages DROP COLUMN traceparent'),
};
