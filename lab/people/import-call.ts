import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../../src/contract/errors.js';
import type { ImportReport, ImportStarted } from '../../src/contract/imports.js';
import { type Account, type Answer, callRest } from './rest.js';

type Importer = Pick<Account, 'token'>;
type Refusal = Pick<Problem, 'retry_after_ms'>;

const bytesOf = (file: unknown): Uint8Array<ArrayBuffer> =>
  file instanceof Uint8Array
    ? new Uint8Array(file)
    : new TextEncoder().encode(typeof file === 'string' ? file : JSON.stringify(file));

/** Sends a file as a form, as browsers do, or as the whole body. A value is sent as its JSON. */
export async function sendImport<T = ImportStarted>(
  url: string,
  { token }: Importer,
  file: unknown,
  form: 'form' | 'raw' = 'form',
): Promise<Answer<T>> {
  const data = new FormData();
  data.append('file', new Blob([bytesOf(file)]), 'conversations.json');
  const response = await fetch(`${url}/agent/imports`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(form === 'raw' && { 'content-type': 'application/octet-stream' }),
    },
    body: form === 'form' ? data : bytesOf(file),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

/** The first look; each wait is a little longer. */
const LOOK_AFTER_MS = 5;
const LOOK_EVERY_MS = 50;

/** The report of an import when it has ended. */
export async function importEnd(url: string, { token }: Importer, id: number) {
  for (let waitMs = LOOK_AFTER_MS; ; waitMs = Math.min(1.5 * waitMs, LOOK_EVERY_MS)) {
    const { body } = await callRest<ImportReport>(`${url}/agent/imports/${id}`, { token });
    if (body.status !== 'running') return body;
    await sleep(waitMs);
  }
}

/** Imports a file, to its end. A node that is too busy or has no place is asked again, when it says. */
export async function importFile(url: string, importer: Importer, file: unknown) {
  for (;;) {
    const { status, body } = await sendImport<ImportStarted & Refusal>(url, importer, file);
    if (status === 202) return importEnd(url, importer, body.id);
    if (status !== 503 && status !== 429) throw new Error(`${status}: ${JSON.stringify(body)}`);
    await sleep(body.retry_after_ms ?? LOOK_EVERY_MS);
  }
}
