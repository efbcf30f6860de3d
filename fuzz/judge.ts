import type Joi from 'joi';
import { ackShapes } from '../lab/people/ack-shapes.js';
import type { Described } from '../lab/people/described.js';
import { answerShapes } from '../lab/people/rest-shapes.js';
import { problem, wireError } from '../lab/people/shapes.js';
import { ERRORS, type ErrorCode, type Problem, type WireError } from '../src/contract/errors.js';
import type { ClientEventName } from '../src/contract/events.js';

/** Codes that are expected at any time: the model server is scripted to fail sometimes. */
const EXPECTED: ReadonlySet<string> = new Set<ErrorCode>([
  'provider_error',
  'provider_unavailable',
]);

const misfit = (shape: Joi.Schema, value: unknown): string | null =>
  shape.validate(value, { abortEarly: false }).error?.message ?? null;

/** Whether a correct server must refuse it. Without a schema this is unknown. */
function mustRefuse(schema: Joi.ObjectSchema | undefined, sent: unknown): boolean {
  return schema !== undefined && schema.validate(sent ?? null).error !== undefined;
}

/** The response under load. It must be rare, or the node cannot handle its input. */
export const OVERLOADED = 'answered unavailable';

function codeFault(code: ErrorCode): string | null {
  const { status } = ERRORS[code];
  return status >= 500 && !EXPECTED.has(code) ? `answered ${code}` : null;
}

/** The fault of an event's ack; null if there is none. */
export function judgeAck(
  name: string,
  schema: Joi.ObjectSchema | undefined,
  payload: unknown,
  ack: unknown,
  references: Described,
): string | null {
  const { ok, data, error } = Object(ack);
  if (ok === false) {
    const fault = misfit(wireError, error) ?? (schema ? references.ack(name, ack) : null);
    return fault ?? codeFault((error as WireError).code);
  }
  if (ok !== true) return `no ack: ${JSON.stringify(ack)}`;
  if (schema === undefined) return 'an unknown event was accepted';
  if (mustRefuse(schema, payload)) return 'an invalid payload was accepted';
  return misfit(ackShapes[name as ClientEventName], data) ?? references.ack(name, ack);
}

export interface RestReply {
  status: number;
  /** Content type of the response. */
  contentType: string;
  text: string;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The fault of a REST response; null if there is none. `name` is method and path as declared. */
export function judgeAnswer(
  name: string,
  invalid: boolean,
  reply: RestReply,
  references: Described,
): string | null {
  const body = parse(reply.text);
  const data = body === undefined ? reply.text : body;
  const told = references.answer(name, reply.status, reply.contentType, data);
  if (reply.status >= 400) {
    const fault = misfit(problem, body) ?? told ?? codeFault((body as Problem).code);
    const { code, status } = Object(body);
    const due = ERRORS[code as ErrorCode]?.status;
    return (
      fault ?? (status === reply.status && due === status ? null : `${status} as ${reply.status}`)
    );
  }
  if (invalid) return 'an invalid request was accepted';
  const shape = answerShapes[name];
  // A download may be text.
  if (!shape) return `${name} has no shape: tell it in lab/people/shapes.ts`;
  return misfit(shape, data) ?? told;
}
