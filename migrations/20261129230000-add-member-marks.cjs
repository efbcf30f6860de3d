/**
 * What each member makes of a conversation: pinned, archived, and read up to a message. What is there already counts as
 * read: a constant default writes no row.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      DO $$ BEGIN
        EXECUTE format('ALTER TABLE conversation_members
          ADD COLUMN pinned boolean NOT NULL DEFAULT false,
          ADD COLUMN archived boolean NOT NULL DEFAULT false,
          ADD COLUMN read_message_id bigint DEFAULT %s', (SELECT coalesce(max(id), 0) FROM messages));
      END $$;
      ALTER TABLE conversation_members ALTER COLUMN read_message_id SET DEFAULT NULL;
      CREATE INDEX conversation_members_pinned ON conversation_members (user_id, conversation_id) WHERE pinned;
      CREATE INDEX conversation_members_archived ON conversation_members (user_id, conversation_id) WHERE archived;
    `),

  down: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE conversation_members DROP COLUMN pinned, DROP COLUMN archived, DROP COLUMN read_message_id;
    `),
};
