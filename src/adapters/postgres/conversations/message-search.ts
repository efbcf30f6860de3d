import type { SearchPage, SearchResult } from '../../../contract/search.js';
import type { SearchRequest } from '../../../ports/repositories/conversation-repository.js';
import type { Sql, Transact } from '../sql/sql.js';
import { times } from '../sql/time-columns.js';
import { decodeSearchCursor, encodeSearchCursor } from './search-cursor.js';
import { type Fragment, highlightsOf, snippetOf } from './search-snippet.js';
import { wordPattern } from './word-pattern.js';

/**
 * A search that takes longer is given up: the rest of the pool is for others. Postgres takes a regular expression for
 * as cheap as a comparison, and would rather read all texts of all users.
 */
const SETTINGS = `
  SELECT set_config('statement_timeout', '1000', true), set_config('enable_seqscan', 'off', true),
    set_config('cpu_operator_cost', '0.05', true)`;

/** Characters shown before a word, and from there on. */
const BEFORE = 40;
const SHOWN = 160;
/** The snippet is made around these words. */
const FRAGMENTS = 4;

/** The characters that `search_signs` finds: the same ranges as in its migration, whose index has this condition. */
const SIGNS =
  '\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff65-\uffdc\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}';
const HAS_SIGNS = `m.content ~ '[${SIGNS}]'`;
const SIGN = new RegExp(`[${SIGNS}]`, 'gu');

/**
 * Messages that are found by their signs and then compared. Beyond this number, reading all of the reader's messages is
 * faster.
 */
const CANDIDATES = 2_000;

/**
 * Postgres cannot tell how many messages have several signs: it reads the index again for each conversation, or takes a
 * word of two frequent signs for rare. So the index is asked first, and only if its statistics call one sign of the
 * word rare. A sign without statistics is rare.
 */
const HAS_RARE_SIGN = `
  SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('messages_signs') AND indisvalid)
    AND EXISTS (
      SELECT FROM unnest($1::text[]) AS asked (sign) LEFT JOIN (
        SELECT most.sign, most.share FROM pg_stats s
        CROSS JOIN unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS most (sign, share)
        WHERE s.schemaname = current_schema() AND s.tablename = 'messages_signs'
      ) known USING (sign)
      WHERE coalesce(known.share, 0) * (SELECT reltuples FROM pg_class WHERE oid = to_regclass('messages')) <= ${CANDIDATES}
    ) AS "isRare"`;

const BY_SIGNS = `
  SELECT array_agg(id) AS ids FROM (
    SELECT m.id FROM messages m WHERE search_signs(m.content) @> $1::text[] AND ${HAS_SIGNS} LIMIT ${CANDIDATES + 1}
  ) found`;

/**
 * Binds: member, time, message and conversation of the cursor, limit, patterns; then a pattern each, and candidates if
 * any.
 */
const FIRST_PATTERN = 7;

/**
 * The messages come from an index of words that Postgres chooses, from all messages of the reader, or from candidates.
 */
type Source = 'any' | 'own' | 'candidates';

const SOURCES: Record<Source, (bind: number) => string> = {
  any: () => 'JOIN messages m ON m.conversation_id = cm.conversation_id',
  own: () =>
    'CROSS JOIN LATERAL (SELECT * FROM messages WHERE conversation_id = cm.conversation_id OFFSET 0) m',
  candidates: (bind) =>
    `JOIN messages m ON m.conversation_id = cm.conversation_id AND m.id = ANY($${bind}::bigint[])`,
};

/** Titles have no index. `OFFSET` keeps Postgres from reading those of others, and from using an index of words. */
function statement(words: number, source: Source): string {
  const all = (text: string) =>
    Array.from({ length: words }, (_, i) => `${text} ~ $${FIRST_PATTERN + i}`).join(' AND ');
  return `
  WITH found AS (
    SELECT * FROM (
      SELECT m.conversation_id, m.id AS message_id, m.role, m.created_at AS at
      FROM conversation_members cm ${SOURCES[source](FIRST_PATTERN + words)}
      WHERE cm.user_id = $1 AND m.deleted_at IS NULL AND m.status NOT IN ('queued', 'streaming')
        AND ${all('m.content')}
      UNION ALL
      SELECT c.id, 0, NULL, c.active_at
      FROM conversation_members cm CROSS JOIN LATERAL (
        SELECT id, title, active_at FROM conversations WHERE id = cm.conversation_id OFFSET 0) c
      WHERE cm.user_id = $1 AND ${all('c.title')}
    ) hits
    WHERE $2::timestamptz IS NULL OR (at, message_id, conversation_id) < ($2::timestamptz, $3::bigint, $4::bigint)
    ORDER BY at DESC, message_id DESC, conversation_id DESC LIMIT $5
  )
  SELECT f.conversation_id AS "conversationId", c.title, f.message_id AS "messageId", f.role, ${times('f.at')},
    char_length(t.text) AS length, p.fragments
  FROM found f JOIN conversations c ON c.id = f.conversation_id LEFT JOIN messages m ON m.id = f.message_id
  CROSS JOIN LATERAL (SELECT coalesce(m.content, c.title) AS text) t
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('from', s.start, 'text', substr(t.text, s.start, ${SHOWN}))) AS fragments
    FROM unnest($6::text[]) AS w (pattern)
    CROSS JOIN LATERAL (
      SELECT greatest(position((regexp_match(t.text, w.pattern))[1] IN t.text) - ${BEFORE}, 1) AS start) s
  ) p
  ORDER BY f.at DESC, f.message_id DESC, f.conversation_id DESC`;
}

interface Row {
  conversationId: number;
  title: string;
  messageId: number;
  role: SearchResult['role'];
  at: string;
  length: number;
  fragments: Fragment[];
}

/** The longest words come first: the fewest texts have them. */
const wordsOf = (q: string): string[] =>
  [...new Set(q.split(/\s+/u).filter((word) => word !== ''))].sort((a, b) => b.length - a.length);

const signsOf = (words: readonly string[]): string[] => [
  ...new Set(words.flatMap((word) => word.normalize('NFKC').match(SIGN) ?? [])),
];

/** @throws AppError `unavailable` for a search that takes too long */
export async function searchMessages(
  transact: Transact,
  memberId: number,
  { q, limit, cursor }: SearchRequest,
): Promise<SearchPage> {
  const words = wordsOf(q);
  if (words.length === 0) return { results: [], next_cursor: null };
  const patterns = words.map(wordPattern);
  const signs = signsOf(words);
  const after = cursor === undefined ? [null, null, null] : decodeSearchCursor(cursor);
  const shown = patterns.slice(0, FRAGMENTS);
  const bind = [memberId, ...after, limit + 1, shown, ...patterns];
  const rows = await transact((tx) => run(tx, words.length, bind, signs));
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    results: rows.slice(0, limit).map((row) => resultOf(row, patterns)),
    next_cursor: last ? encodeSearchCursor(last.at, last.messageId, last.conversationId) : null,
  };
}

async function run(
  tx: Sql,
  words: number,
  bind: readonly unknown[],
  signs: readonly string[],
): Promise<Row[]> {
  await tx.run(SETTINGS);
  if (signs.length === 0) return tx.rows<Row>(statement(words, 'any'), [...bind]);
  const ids = await bySigns(tx, signs);
  if (ids === null) return tx.rows<Row>(statement(words, 'own'), [...bind]);
  return tx.rows<Row>(statement(words, 'candidates'), [...bind, ids]);
}

/** Null if there are too many, or no index. */
async function bySigns(tx: Sql, signs: readonly string[]): Promise<number[] | null> {
  const rarity = await tx.one<{ isRare: boolean }>(HAS_RARE_SIGN, [signs]);
  if (!rarity?.isRare) return null;
  const [found] = await tx.rows<{ ids: number[] | null }>(BY_SIGNS, [signs]);
  const ids = found?.ids ?? [];
  return ids.length > CANDIDATES ? null : ids;
}

function resultOf(row: Row, patterns: readonly string[]): SearchResult {
  const { conversationId: id, title, messageId, role, at, length } = row;
  const snippet = messageId === 0 ? title : snippetOf(row.fragments, length);
  const highlights = highlightsOf(snippet, patterns);
  return {
    conversation: { id, title },
    message_id: messageId === 0 ? null : messageId,
    ...{ role, snippet, highlights, at },
  };
}
