import { isEmpty, isObject } from '../text-names.js';

export type Fields = Record<string, unknown>;

const choicesOf = ({ choices }: Fields): Fields[] =>
  Array.isArray(choices) ? choices.filter(isObject) : [];

export const hasDeltas = (answer: Fields): boolean =>
  choicesOf(answer).some(({ delta }) => isObject(delta));

export const hasMessages = (answer: Fields): boolean =>
  choicesOf(answer).some(({ delta, message }) => isObject(message) && !isObject(delta));

/** A whole answer as the only event of a stream, for a server that does not stream. */
export function toChunk(answer: Fields): Fields {
  const choices = choicesOf(answer).map(({ message, ...choice }) => ({
    ...choice,
    delta: withIndexes(message),
  }));
  return { ...answer, object: 'chat.completion.chunk', choices };
}

/** Streams tell tool calls apart by their index. */
function withIndexes(message: unknown): unknown {
  if (!isObject(message) || !Array.isArray(message.tool_calls)) return message;
  const calls = message.tool_calls.map((call, index) =>
    isObject(call) ? { index, ...call } : call,
  );
  return { ...message, tool_calls: calls };
}

/** Fields that come once, or again and again with the same value. */
const ONCE = new Set(['role', 'id', 'type', 'name', 'index']);

/** Has no inherited names: a server may send any, `__proto__` too. */
const bare = (): Fields => Object.create(null);

/** Joins the events of a stream to a whole answer, for a server that only streams. */
export class JoinedAnswer {
  readonly #head = bare();
  readonly #choices = new Map<unknown, Fields>();

  add(chunk: Fields): void {
    const { choices: _, ...head } = chunk;
    for (const [name, value] of Object.entries(head)) {
      if (value !== null || !(name in this.#head)) this.#head[name] = value;
    }
    for (const choice of choicesOf(chunk)) this.#addChoice(choice);
  }

  get answer(): Fields {
    const choices = [...this.#choices.values()].map(({ delta, ...choice }) => ({
      ...choice,
      message: messageOf(delta),
    }));
    return { ...this.#head, object: 'chat.completion', choices };
  }

  #addChoice(given: Fields): void {
    const { index: named = null, delta } = given;
    const index = named === null || named === '0' ? 0 : named;
    const said = typeof delta === 'string' ? { content: delta } : delta;
    const choice = { ...given, index, ...(said !== undefined && { delta: said }) };
    const known = this.#choices.get(index);
    if (known) join(known, choice);
    else this.#choices.set(index, join(bare(), choice));
  }
}

function messageOf(delta: unknown): Fields {
  const message: Fields = { role: 'assistant', content: null, ...(isObject(delta) && delta) };
  if (!Array.isArray(message.tool_calls)) return message;
  const calls = message.tool_calls.map((call) => {
    if (!isObject(call)) return call;
    const { index: _, ...rest } = call;
    return rest;
  });
  return { ...message, tool_calls: calls };
}

/** Strings continue each other, lists grow, and objects are joined field by field. */
function join(known: Fields, more: Fields): Fields {
  for (const [name, value] of Object.entries(more)) {
    const before = known[name];
    if (value === null || value === undefined) known[name] ??= value;
    else if (typeof value === 'string' && typeof before === 'string' && !ONCE.has(name))
      known[name] = name === 'finish_reason' ? value : before + value;
    else if (name === 'content' && isMixed(before, value))
      known[name] = [...partsOf(before), ...partsOf(value)];
    else if (Array.isArray(value))
      known[name] = joinList(Array.isArray(before) ? before : [], value);
    else if (isObject(value)) known[name] = join(isObject(before) ? before : bare(), value);
    else known[name] = value;
  }
  return known;
}

/** A text that came as a string goes on as parts, or the other way round. */
const isMixed = (before: unknown, value: unknown): boolean =>
  !isEmpty(before) && !isEmpty(value) && kindOf(before) !== kindOf(value);

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value);

const partsOf = (content: unknown): unknown[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : [content].flat();

/** Parts with an index continue the part with the same one. */
function joinList(known: unknown[], more: unknown[]): unknown[] {
  for (const part of more) {
    const same = isObject(part) && part.index !== undefined ? findPart(known, part) : undefined;
    if (same) join(same, part as Fields);
    else known.push(isObject(part) ? join(bare(), part) : part);
  }
  return known;
}

/** A new id at a known index is another part: some proxies give all of them the same index. */
function findPart(known: unknown[], { index, id }: Fields): Fields | undefined {
  return known
    .filter(isObject)
    .findLast((part) => part.index === index && (!id || !part.id || part.id === id));
}
