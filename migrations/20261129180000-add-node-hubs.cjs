/**
 * Nodes that hear each other have one hub; of two that do not, the one that stands longer serves. `process` names the
 * process on its machine, so that one that died is not waited for.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE nodes
        ADD COLUMN hub text NOT NULL DEFAULT '',
        ADD COLUMN process text NOT NULL DEFAULT '',
        ADD COLUMN stands_since timestamptz NOT NULL DEFAULT now();
    `),

  down: ({ sequelize }) =>
    sequelize.query(
      'ALTER TABLE nodes DROP COLUMN stands_since, DROP COLUMN process, DROP COLUMN hub',
    ),
};
