/**
 * Since when generations are in their state: traces show how long an answer waited, and how long a node ran that died. The
 * previous release leaves it alone.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(
      'ALTER TABLE generations ADD COLUMN state_since timestamptz NOT NULL DEFAULT now()',
    ),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE generations DROP COLUMN state_since'),
};
