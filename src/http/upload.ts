import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { AppError, invalid, unreadable } from '../entities/errors.js';
import { hasBody } from '../validation/request-body.js';
import { type LongTimes, takesLong } from './long-requests.js';

const TIMES: LongTimes = { totalMs: 1_800_000, idleMs: 15_000 };

/** Fields beside the file, which nobody reads. */
const FIELDS = { fields: 20, fieldSize: 1_024, parts: 40, headerPairs: 50 };

/**
 * Gives the one file of a request to `store`: the field `file` of a form, or the whole body. A sender that is slow or
 * silent is cut off.
 * @throws AppError `validation_failed` for none, for an empty one and for several, `malformed_json` for a form that is broken
 */
export async function receiveFile<T extends StoredFile>(
  req: IncomingMessage,
  store: (body: Readable) => Promise<T>,
  signal: AbortSignal,
  times = TIMES,
): Promise<T> {
  if (!hasBody(req.headers)) throw missing();
  const encoding = req.headers['content-encoding']?.trim().toLowerCase() || 'identity';
  if (encoding !== 'identity') throw unreadable('Content-Encoding', 'body.encoding');
  signal.throwIfAborted();
  // A sender that has left tells it to nobody again.
  if (req.destroyed && !req.complete) throw broken(new Error('the sender is gone'));
  const release = takesLong(req, times);
  const end = () => req.destroy();
  signal.addEventListener('abort', end);
  try {
    const isForm = /^multipart\/form-data\b/i.test(req.headers['content-type'] ?? '');
    const file = await (isForm ? fromForm(req, store) : store(req));
    if (file.bytes > 0) return file;
    await file.close();
    throw missing();
  } catch (error) {
    // The sender is gone, or was too slow.
    throw req.destroyed && !req.complete ? broken(error) : error;
  } finally {
    signal.removeEventListener('abort', end);
    release();
  }
}

interface StoredFile {
  bytes: number;
  close(): Promise<void>;
}

const missing = () => invalid({ path: 'file', code: 'any.required' });
const broken = (cause: unknown) => new AppError('malformed_json', { cause });

function fromForm<T extends StoredFile>(
  req: IncomingMessage,
  store: (body: Readable) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const found: { file?: Promise<T> } = {};
    const form = openForm(req);
    const fail = (error: unknown) => {
      req.unpipe(form);
      form.destroy();
      void found.file?.then((file) => file.close()).catch(() => {});
      reject(error);
    };
    form.on('file', (name, stream) => {
      // The form reports it as well; an error without a listener would end the node.
      stream.on('error', () => {});
      if (name !== 'file') {
        stream.resume();
        return;
      }
      // One of several files would be lost silently.
      if (found.file)
        return fail(invalid({ path: 'file', code: 'array.max', values: { limit: 1 } }));
      found.file = store(stream);
      found.file.catch(fail);
    });
    form.on('error', (error) => fail(broken(error)));
    form.on('close', () => {
      if (found.file) found.file.then(resolve, fail);
      else fail(missing());
    });
    req.on('close', () => {
      if (!req.complete) form.destroy(new Error('the sender is gone'));
    });
    req.pipe(form);
  });
}

function openForm(req: IncomingMessage) {
  try {
    return busboy({ headers: req.headers, limits: { ...FIELDS, files: 5 } });
  } catch (error) {
    throw broken(error);
  }
}
