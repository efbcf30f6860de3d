/** Erasing a message looks for those below it. Reads go on while the index is built; sends wait. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query('CREATE INDEX messages_parent_id ON messages (conversation_id, parent_id)'),

  down: ({ sequelize }) => sequelize.query('DROP INDEX messages_parent_id'),
};
