/**
 * What `usage_days` counts, by model, with its cost. No foreign key, for the same reason. An empty currency: the model has
 * no price.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE TABLE usage_models (
        user_id bigint NOT NULL,
        day date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
        model text NOT NULL,
        currency text NOT NULL DEFAULT '',
        tokens bigint NOT NULL DEFAULT 0 CHECK (tokens >= 0),
        cost numeric NOT NULL DEFAULT 0 CHECK (cost >= 0),
        PRIMARY KEY (user_id, day, model, currency)
      );
    `),

  down: ({ sequelize }) => sequelize.query('DROP TABLE usage_models'),
};
