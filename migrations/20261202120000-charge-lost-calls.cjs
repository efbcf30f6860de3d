/**
 * What a reservation counts as if nobody ends it, for calls whose node is gone: NULL, as for rows of the previous release,
 * means nothing, and the row expires by itself.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE usage_reservations ADD COLUMN model text, ADD COLUMN cost numeric CHECK (cost >= 0),
        ADD COLUMN currency text;
    `),

  down: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE usage_reservations DROP COLUMN model, DROP COLUMN cost, DROP COLUMN currency;
    `),
};
