/** Whether every message asks the model, or only one that mentions it. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE conversations ADD COLUMN reply_mode text NOT NULL DEFAULT 'always'
        CONSTRAINT conversations_reply_mode CHECK (reply_mode IN ('always', 'mention'))`),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE conversations DROP COLUMN reply_mode'),
};
