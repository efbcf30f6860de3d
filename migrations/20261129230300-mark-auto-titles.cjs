/** Whether a title was made of the first message, so that the model may give a better one. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(
      'ALTER TABLE conversations ADD COLUMN auto_title boolean NOT NULL DEFAULT false',
    ),

  down: ({ sequelize }) => sequelize.query('ALTER TABLE conversations DROP COLUMN auto_title'),
};
