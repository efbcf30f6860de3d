/** Members of conversations that were deleted lately: a deletion can be undone until its rows are erased. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE TABLE removed_members (
        conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
        user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
        role text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        pinned boolean NOT NULL,
        archived boolean NOT NULL,
        read_message_id bigint,
        PRIMARY KEY (conversation_id, user_id)
      );
      CREATE INDEX removed_members_user_id ON removed_members (user_id);
    `),

  down: ({ sequelize }) => sequelize.query('DROP TABLE removed_members'),
};
