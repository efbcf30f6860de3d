import { setTimeout as sleep } from 'node:timers/promises';
import type { Stored } from './answers.js';
import type { Turn } from './ledger.js';
import type { Stage } from './stage.js';

interface Row {
  id: string;
  conversation_id: string;
  content: string;
  answers: (Stored & { errorCode: string | null })[] | null;
}

const TURNS = `
  SELECT q.id, q.conversation_id, q.content,
    json_agg(json_build_object('id', m.id, 'status', m.status, 'attempt', m.attempt,
      'content', m.content, 'errorCode', m.error ->> 'code') ORDER BY m.id)
      FILTER (WHERE m.id IS NOT NULL) AS answers
  FROM messages q LEFT JOIN messages m
    ON m.parent_id = q.id AND m.conversation_id = q.conversation_id AND m.role = 'assistant'
  WHERE q.role = 'user' GROUP BY q.id ORDER BY q.id`;

/** All questions with their answers, as stored in Postgres. */
export async function turnsOf(stage: Stage): Promise<Turn[]> {
  const rows = await stage.rows<Row>(TURNS);
  return rows.map((row) => ({
    id: Number(row.id),
    conversationId: Number(row.conversation_id),
    content: row.content,
    answers: row.answers ?? [],
  }));
}

/** Number of unfinished generations; NaN if Postgres does not reply. */
export async function unfinished(stage: Stage): Promise<number> {
  const rows = await stage
    .rows<{ count: string }>('SELECT count(*) FROM generations')
    .catch(() => []);
  return Number(rows[0]?.count ?? Number.NaN);
}

const LOOK_EVERY_MS = 500;

/** Counts claims of unfinished answers that another node had begun. Hand-backs of a drain do not count. */
export class TakeoverWatch {
  readonly #stage: Stage;
  readonly #tries = new Map<string, number>();
  #going = true;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  start(): void {
    void this.#run();
  }

  stop(): number {
    this.#going = false;
    return [...this.#tries.values()].reduce((sum, tries) => sum + tries - 1, 0);
  }

  async #run(): Promise<void> {
    const sql = 'SELECT message_id AS id, tries FROM generations WHERE tries > 1';
    while (this.#going) {
      const rows = await this.#stage.rows<{ id: string; tries: number }>(sql).catch(() => []);
      for (const { id, tries } of rows) {
        this.#tries.set(id, Math.max(tries, this.#tries.get(id) ?? 0));
      }
      await sleep(LOOK_EVERY_MS);
    }
  }
}
