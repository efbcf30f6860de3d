/**
 * Completions keep their trace, and when they were claimed. The previous release leaves both alone.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(
      'ALTER TABLE completions ADD COLUMN traceparent text, ADD COLUMN claimed_at timestamptz NOT NULL DEFAULT now()',
    ),

  down: ({ sequelize }) =>
    sequelize.query('ALTER TABLE completions DROP COLUMN claimed_at, DROP COLUMN traceparent'),
};
