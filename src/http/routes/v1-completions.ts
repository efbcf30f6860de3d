import type { Request } from 'express';
import { pickLanguage } from '../../contract/language.js';
import { PROGRAM_SCOPES } from '../../contract/scopes.js';
import type { Completed } from '../../domain/completions/completion-service.js';
import { ShownUsage } from '../../domain/completions/shown-usage.js';
import { invalid } from '../../entities/errors.js';
import type { RawRequest } from '../../ports/raw-completions.js';
import { completionBody, validateCompletion } from '../../validation/completion-schema.js';
import { idParams } from '../../validation/schemas.js';
import type { HttpDeps } from '../deps.js';
import { LargeWork } from '../large-work.js';
import { ClientGone } from '../program-calls.js';
import { BodyHold } from '../programs/body-hold.js';
import { ProgramError } from '../programs/openai-problem.js';
import { type Asked, sendCompletion, streamTo } from '../programs/program-answers.js';
import { announcedBytes, readBody } from '../programs/program-body.js';
import type { ProgramCall, ProgramEndpoint, ProgramHandler } from '../programs/program-endpoint.js';
import { answerDurably, IDEMPOTENCY_KEY } from './v1-durable.js';

const SEND = 'messages:send';

export const modelNotFound = (name: string): ProgramError =>
  new ProgramError(404, {
    message: `The model \`${name}\` does not exist or you do not have access to it.`,
    param: 'model',
    code: 'model_not_found',
  });

type Body = Readonly<Record<string, unknown>>;
type Caller = ProgramCall['principal'];

const CONVERSATION = 'X-Parley-Conversation';

/** Null: the call names none. @throws AppError `validation_failed`; ProgramError beside an `Idempotency-Key` */
function conversationOf(req: Request): number | null {
  const given = req.get(CONVERSATION);
  if (given === undefined) return null;
  const { value, error } = idParams.validate({ id: given });
  if (error) throw invalid({ path: CONVERSATION, code: 'number.base' });
  if (req.get(IDEMPOTENCY_KEY) !== undefined) {
    const message = `${CONVERSATION} and ${IDEMPOTENCY_KEY} cannot be combined.`;
    throw new ProgramError(400, { message, param: CONVERSATION, code: 'validation_failed' });
  }
  return value.id;
}

/** The source of an answer's events: the model alone, or a conversation that keeps it. */
type Run = (
  onChunk: (json: string) => void,
  signal: AbortSignal,
) => Promise<Pick<Completed, 'usage'>>;

function toRequest(
  { findModel }: HttpDeps,
  req: Request,
  userId: number,
  given: unknown,
): RawRequest {
  const language = pickLanguage(req.get('accept-language'));
  const { model: name, stream } = validateCompletion(given, language);
  const model = findModel(name);
  if (model === null) throw modelNotFound(name);
  return { model, body: given as Body, stream: stream === true, user: String(userId) };
}

function sourceOf(deps: HttpDeps, asker: Caller, { req, request }: Asked): Run {
  const { completions, conversationCompletions, rights } = deps;
  const conversationId = conversationOf(req);
  const admit = () => rights.require(asker, SEND);
  return (onChunk, signal) =>
    conversationId === null
      ? completions.run({ asker, request, admit }, onChunk, signal)
      : conversationCompletions.run({ asker, conversationId, request }, onChunk, signal);
}

async function sendWhole(deps: HttpDeps, asked: Asked, run: Run): Promise<void> {
  const { res, userId, request, signal } = asked;
  let answer = '';
  const shown = new ShownUsage(request, (json) => {
    answer = json;
  });
  const { usage } = await run(shown.take, signal);
  shown.end(usage);
  sendCompletion(deps, res, userId, answer);
}

const sendStream = (deps: HttpDeps, asked: Asked, run: Run): Promise<void> =>
  streamTo(deps, asked, async (stream, signal) => {
    const shown = new ShownUsage(asked.request, (json) => stream.send(json));
    const { usage } = await run(shown.take, signal);
    shown.end(usage);
  });

/** `POST /v1/chat/completions`: to the model server and back, stored nowhere unless the client asks for it. */
export function completionRoute(deps: HttpDeps, endpoint: ProgramEndpoint): ProgramHandler {
  const { limit, programs, unread } = deps;
  const large = new LargeWork();

  const answer = async (
    { req, res, principal }: ProgramCall,
    signal: AbortSignal,
  ): Promise<void> => {
    const { userId } = principal;
    let release = programs.hold(userId, announcedBytes(req));
    try {
      const { value, bytes, inTurn } = await readBody(req, res, signal, large);
      res.removeHeader('Connection');
      // From now on only what has really come is held.
      release();
      const hold = new BodyHold(programs.hold(userId, bytes));
      release = () => hold.letGo();
      const asked = { req, res, userId, request: toRequest(deps, req, userId, value), signal };
      const run = sourceOf(deps, principal, asked);
      if (req.get(IDEMPOTENCY_KEY) !== undefined)
        await answerDurably(deps, { asker: principal, hold, inTurn }, asked);
      else await (asked.request.stream ? sendStream : sendWhole)(deps, asked, run);
    } finally {
      release();
    }
  };

  const scopes = PROGRAM_SCOPES['POST /v1/chat/completions'];
  return endpoint({ permission: SEND, scopes, body: completionBody, asks: true }, async (call) => {
    const { res, principal } = call;
    await limit('message', String(principal.userId));
    unread.admit(principal.userId, res);
    await programs
      .run({ principal, permission: SEND, res }, (signal) => answer(call, signal))
      .catch((error: unknown) => {
        if (!(error instanceof ClientGone)) throw error;
        res.destroy();
      });
  });
}
