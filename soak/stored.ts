import { setTimeout as sleep } from 'node:timers/promises';
import type { Evidence, Row, Step } from './facts.js';
import type { Stage } from './stage.js';
import type { Placed } from './tree.js';

/** Erased messages leave no trace, nor do ended generations, so triggers keep the place of each and its steps. */
const KEEP_PLACES = `
  CREATE TABLE soak_placed (id bigint PRIMARY KEY, conversation_id bigint, parent_id bigint, role text);
  CREATE FUNCTION soak_keep_place() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.soak_placed VALUES (NEW.id, NEW.conversation_id, NEW.parent_id, NEW.role);
    RETURN NULL;
  END $$;
  CREATE TRIGGER soak_keep_place AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION soak_keep_place();
  CREATE TABLE soak_steps (id bigserial PRIMARY KEY, message_id bigint, state text);
  CREATE FUNCTION soak_keep_step() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' OR NEW.state <> OLD.state THEN
      INSERT INTO public.soak_steps (message_id, state) VALUES (NEW.message_id, NEW.state);
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER soak_keep_step AFTER INSERT OR UPDATE ON generations FOR EACH ROW EXECUTE FUNCTION soak_keep_step();`;

/** Call it before anything is asked. */
export async function keepPlaces(stage: Stage): Promise<void> {
  await stage.rows(KEEP_PLACES);
}

const PLACE = `id, conversation_id AS "conversationId", parent_id AS "parentId", role`;
const PLACED = `SELECT ${PLACE} FROM soak_placed ORDER BY id`;
const STEPS = `
  SELECT message_id AS "answerId", state FROM soak_steps WHERE state IN ('queued', 'running') ORDER BY id`;
const ROWS = `
  SELECT ${PLACE}, status, attempt, content, error ->> 'code' AS "errorCode"
  FROM messages WHERE deleted_at IS NULL ORDER BY id`;
const LEAVES =
  'SELECT id, active_message_id AS "leafId" FROM conversations WHERE deleted_at IS NULL';
const UNFINISHED = 'SELECT message_id AS id FROM generations';

type Texts<T> = {
  [K in keyof T]: T[K] extends number ? string : T[K] extends number | null ? string | null : T[K];
};

const toNumber = (text: string | null) => (text === null ? null : Number(text));

const toPlaced = ({ id, conversationId, parentId, role }: Texts<Placed>): Placed => ({
  id: Number(id),
  conversationId: Number(conversationId),
  parentId: toNumber(parentId),
  role,
});

export type StoredEvidence = Pick<Evidence, 'placed' | 'rows' | 'leaves' | 'unfinished' | 'steps'>;

/** Everything that is stored in Postgres, or was. */
export async function readStored({ rows }: Stage): Promise<StoredEvidence> {
  const found = await rows<Texts<Omit<Row, 'attempt'>> & { attempt: number }>(ROWS);
  const leaves = await rows<{ id: string; leafId: string | null }>(LEAVES);
  const unfinished = await rows<{ id: string }>(UNFINISHED);
  const placed = await rows<Texts<Placed>>(PLACED);
  const steps = await rows<{ answerId: string; state: Step['state'] }>(STEPS);
  return {
    placed: placed.map(toPlaced),
    rows: found.map((row) => ({ ...row, ...toPlaced(row) })),
    leaves: new Map(leaves.map(({ id, leafId }) => [Number(id), toNumber(leafId)])),
    unfinished: unfinished.map(({ id }) => Number(id)),
    steps: steps.map(({ answerId, state }) => ({ answerId: Number(answerId), state })),
  };
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
