/** What a model reasoned before it answered, and for how long. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE messages ADD COLUMN IF NOT EXISTS reasoning text, ADD COLUMN IF NOT EXISTS reasoning_ms integer;
    `),

  down: ({ sequelize }) =>
    sequelize.query(
      'ALTER TABLE messages DROP COLUMN IF EXISTS reasoning, DROP COLUMN IF EXISTS reasoning_ms',
    ),
};
