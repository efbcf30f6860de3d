/** What model servers said of answers that failed, for administrators only. Rows live for a month. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE TABLE model_words (
        message_id bigint PRIMARY KEY REFERENCES messages ON DELETE CASCADE,
        attempt integer NOT NULL,
        words text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now()
      );
      CREATE INDEX model_words_created_at ON model_words (created_at);
    `),

  down: ({ sequelize }) => sequelize.query('DROP TABLE model_words'),
};
