import fc, { type Arbitrary } from 'fast-check';
import type Joi from 'joi';
import { describe } from '../lab/people/joi-shape.js';
import { type Route, restRoutes } from '../lab/people/routes.js';
import { eventSchemas } from '../src/validation/schemas.js';
import { type Frame, frames, requests } from './frames.js';
import { anyOf, hostile } from './hostile.js';

export interface RestInput {
  kind: 'rest';
  route: Route;
  params: unknown;
  query: unknown;
  /** JSON, or a damaged form of it. */
  body: string | undefined;
  contentType: string;
  loggedIn: boolean;
}

export type Input =
  | { kind: 'event'; name: string; payload: unknown; schema: Joi.ObjectSchema | undefined }
  | RestInput
  | { kind: 'frames'; frames: Frame[]; loggedIn: boolean; polling: boolean }
  | { kind: 'tcp'; bytes: string };

/** Calls that change messages need several others before them, so they are sent more often. */
const weightOf = (name: string) => (name.startsWith('message:') ? 3 : 1);

const eventInputs = () =>
  Object.entries(eventSchemas).map(([name, schema]) => ({
    weight: weightOf(name),
    arbitrary: anyOf(describe(schema)).map(
      (payload): Input => ({ kind: 'event', name, payload, schema }),
    ),
  }));

const NAMES = ['x', '', 'message:delta', 'message:pin', 'toString', '__proto__', 'typing:set'];
const unknownEvent: Arbitrary<Input> = fc
  .tuple(fc.constantFrom(...NAMES), hostile)
  .map(([name, payload]) => ({ kind: 'event', name, payload, schema: undefined }));

const damaged = (text: string | undefined, at: number) => text?.slice(0, at % (text.length + 1));

function restInput(route: Route): Arbitrary<Input> {
  const part = (schema: Joi.ObjectSchema | undefined) =>
    schema ? anyOf(describe(schema)) : fc.constant(undefined);
  const { params, query, body } = route.shape ?? {};
  return fc
    .record({
      params: part(params),
      query: part(query),
      body: part(body).map((value) => JSON.stringify(value)),
      cut: fc.option(fc.nat({ max: 200 }), { freq: 30 }),
      contentType: fc.constantFrom(...Array(20).fill('application/json'), 'text/plain', 'x/;', ''),
      loggedIn: fc.nat({ max: 30 }).map((n) => n > 0),
    })
    .map(({ cut, body: text, ...rest }) => {
      return { kind: 'rest', route, ...rest, body: cut === null ? text : damaged(text, cut) };
    });
}

/** All inputs that can be sent to a node, in proportions that let a million finish in time. */
export function inputs(): Arbitrary<Input> {
  const endpoints = restRoutes().filter(({ shape }) => shape !== undefined);
  const raw: Arbitrary<Input> = fc
    .tuple(frames, fc.boolean(), fc.nat({ max: 4 }))
    .map(([sent, loggedIn, n]) => ({ kind: 'frames', frames: sent, loggedIn, polling: n === 0 }));
  return fc.oneof(
    { weight: 70, arbitrary: fc.oneof(...eventInputs(), { weight: 1, arbitrary: unknownEvent }) },
    { weight: 22, arbitrary: fc.oneof(...endpoints.map(restInput)) },
    { weight: 6, arbitrary: raw },
    { weight: 2, arbitrary: requests.map((bytes) => ({ kind: 'tcp' as const, bytes })) },
  );
}
