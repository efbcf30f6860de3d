import type { MessageError } from '../../contract/rest.js';
import { describeError } from '../../entities/error-messages.js';
import { AppError } from '../../entities/errors.js';
import { FileProblem, type FileProblemCode } from '../../ports/import-files.js';

const SENTENCES: Readonly<Record<FileProblemCode, string>> = {
  malformed_json: 'The file is not valid JSON, or it is incomplete.',
  payload_too_large: 'The file unpacks to more than is allowed.',
  archive_damaged: 'The archive is damaged or incomplete.',
  archive_encrypted: 'The archive is encrypted. Please unpack it first.',
  archive_unsafe: 'The archive has file names that point outside of it.',
  unknown_format: 'The file has no conversations in a format that is known.',
};

/** The node of the import ended, died, or was cut off. */
export const INTERRUPTED: MessageError = {
  code: 'interrupted',
  message: 'The import was interrupted. Import the file again: nothing is added twice.',
};

/** The words for users about a failure; null: nothing that they may know. */
export function importErrorOf(error: unknown): MessageError | null {
  if (error instanceof FileProblem) return { code: error.code, message: SENTENCES[error.code] };
  if (error instanceof AppError)
    return { code: error.code, message: describeError(error.code, 'en') };
  return null;
}
