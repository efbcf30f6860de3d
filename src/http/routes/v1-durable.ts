import type { Request } from 'express';
import stringify from 'safe-stable-stringify';
import { BEGINNING, type Cursor } from '../../contract/events.js';
import { LIMITS } from '../../contract/limits.js';
import { type Chunk, Restarted } from '../../domain/completions/chunks.js';
import type { Asker } from '../../domain/rights/held-right.js';
import { idempotencyKey } from '../../validation/completion-schema.js';
import { streamQuery } from '../../validation/schemas.js';
import type { HttpDeps } from '../deps.js';
import type { InTurn } from '../large-work.js';
import type { BodyHold } from '../programs/body-hold.js';
import { ProgramError } from '../programs/openai-problem.js';
import { type Asked, sendCompletion, streamTo } from '../programs/program-answers.js';

export const IDEMPOTENCY_KEY = 'Idempotency-Key';
const LAST_EVENT_ID = 'Last-Event-ID';

/** @throws ProgramError */
function keyOf(req: Request): string {
  const key = req.get(IDEMPOTENCY_KEY) ?? '';
  if (!idempotencyKey.validate(key).error) return key;
  const message = `${IDEMPOTENCY_KEY} must have 1 to ${LIMITS.clientIdChars} characters out of A-Z, a-z, 0-9, _ and -.`;
  const code = 'invalid_idempotency_key';
  throw new ProgramError(400, { message, param: IDEMPOTENCY_KEY, code });
}

/** @throws ProgramError */
function cursorOf(req: Request): Cursor {
  const id = req.get(LAST_EVENT_ID) ?? '';
  if (streamQuery.validate({ last_event_id: id }).error) {
    const message = `${LAST_EVENT_ID} must be the id of an event of this answer.`;
    throw new ProgramError(400, { message, param: LAST_EVENT_ID, code: 'invalid_last_event_id' });
  }
  const [attempt = 0, seq = 0] = id.split('-').map(Number);
  return { attempt, seq };
}

interface Given {
  asker: Asker;
  /** Of the body, which the call needs as long as it runs. */
  hold: BodyHold;
  inTurn: InTurn;
}

/** An answer that outlives its request. The same key gives it again, on any node. */
export async function answerDurably(
  deps: HttpDeps,
  { asker, hold, inTurn }: Given,
  asked: Asked,
): Promise<void> {
  const { durable, rights } = deps;
  const { req, res, userId, request, signal } = asked;
  const after = cursorOf(req);
  const idempotencyKey = keyOf(req);
  const canonical = await inTurn(() => stringify(request.body) ?? '');
  const stored = await inTurn(() => JSON.stringify(request));
  const call = { idempotencyKey, request, canonical, stored, hold: () => hold.share() };
  // Reading the body may have taken long, but an answer that exists is only read.
  await rights.require(asker, 'messages:send');
  const id = await durable.begin(asker, call);
  if (request.stream) {
    return streamTo(deps, asked, async (stream, either) => {
      for await (const { attempt, seq, json } of durable.follow(userId, id, after, either)) {
        stream.send(json, `${attempt}-${seq}`);
        await stream.drained(either);
      }
    });
  }
  const answer = await onlyOf(() => durable.follow(userId, id, BEGINNING, signal));
  sendCompletion(deps, res, userId, answer);
}

/** A whole answer is one chunk. Nothing of it was sent yet, so the chunk of a new attempt may take its place. */
async function onlyOf(follow: () => AsyncIterable<Chunk>): Promise<string> {
  try {
    let answer = '';
    for await (const { json } of follow()) answer = json;
    return answer;
  } catch (error) {
    if (error instanceof Restarted) return onlyOf(follow);
    throw error;
  }
}
