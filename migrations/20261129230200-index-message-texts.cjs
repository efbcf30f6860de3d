/**
 * Indexes for searches. Words of three letters and more are found by trigrams, where the extension can be created;
 * ideographs, kana and Hangul one by one, in the form that search compares. Without an index a search reads the texts of
 * its user. On a large table both are built by hand, without locking it: docs/operations.md has the statements.
 */
const SIGNS =
  '\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff65-\uffdc\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}';
const LARGE = 200000;
const OURS = 'made by a migration of Parley';

module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE FUNCTION search_signs(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $f$
        SELECT regexp_split_to_array(normalize(regexp_replace($1, '[^${SIGNS}]+', ' ', 'g'), NFKC), '')
      $f$;
      DO $do$ BEGIN
        IF (SELECT count(*) FROM (SELECT FROM messages LIMIT ${LARGE} + 1) m) > ${LARGE} THEN
          RETURN;
        END IF;
        CREATE INDEX messages_signs ON messages USING gin (search_signs(content)) WITH (gin_pending_list_limit = 256)
          WHERE content ~ '[${SIGNS}]';
        BEGIN
          IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
            CREATE EXTENSION pg_trgm;
            COMMENT ON EXTENSION pg_trgm IS '${OURS}';
          END IF;
          CREATE INDEX messages_trigrams ON messages USING gin (content gin_trgm_ops)
            WITH (gin_pending_list_limit = 256);
        EXCEPTION WHEN OTHERS THEN
          RAISE NOTICE 'no index of trigrams: %', SQLERRM;
        END;
      END $do$;
    `),

  down: ({ sequelize }) =>
    sequelize.query(`
      DROP INDEX IF EXISTS messages_trigrams, messages_signs;
      DROP FUNCTION search_signs(text);
      DO $do$ BEGIN
        IF EXISTS (SELECT FROM pg_extension
          WHERE extname = 'pg_trgm' AND obj_description(oid, 'pg_extension') = '${OURS}') THEN
          DROP EXTENSION pg_trgm;
        END IF;
      END $do$;
    `),
};
