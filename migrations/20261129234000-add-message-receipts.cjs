/**
 * The digest of a text, as its writer counted it. Rows without one are digested when they are read. During a deploy the
 * previous release changes texts and does not know the column: the trigger drops a digest that is no longer true.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE messages ADD COLUMN sha256 bytea;
      CREATE FUNCTION drop_stale_receipt() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.sha256 := NULL;
          RETURN NEW;
        END
      $$;
      CREATE TRIGGER messages_receipt BEFORE UPDATE OF content ON messages FOR EACH ROW
        WHEN (NEW.sha256 IS NOT NULL AND NEW.sha256 IS NOT DISTINCT FROM OLD.sha256
          AND NEW.content IS DISTINCT FROM OLD.content)
        EXECUTE FUNCTION drop_stale_receipt();
    `),

  down: ({ sequelize }) =>
    sequelize.query(`
      DROP TRIGGER messages_receipt ON messages;
      DROP FUNCTION drop_stale_receipt();
      ALTER TABLE messages DROP COLUMN sha256;
    `),
};
