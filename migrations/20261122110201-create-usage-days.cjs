/**
 * Tokens by user and UTC day, and what roles allow. No foreign key: an answer's end would wait for a delete of its user that
 * waits for the answer's end. Deleting an account removes its rows.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE TABLE usage_days (
        user_id bigint NOT NULL,
        day date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
        tokens bigint NOT NULL DEFAULT 0 CHECK (tokens >= 0),
        PRIMARY KEY (user_id, day)
      );
      CREATE INDEX usage_days_day ON usage_days (day);
      ALTER TABLE roles
        ADD COLUMN tokens_per_day bigint CHECK (tokens_per_day >= 0),
        ADD COLUMN tokens_per_month bigint CHECK (tokens_per_month >= 0);
    `),

  down: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE roles DROP COLUMN tokens_per_month, DROP COLUMN tokens_per_day;
      DROP TABLE usage_days;
    `),
};
