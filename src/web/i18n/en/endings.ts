import type { ErrorCode } from '../../../contract/errors.js';

/** The reasons why an answer failed or was cut off, by code. */
const answerErrors: Record<ErrorCode, string> = {
  validation_failed: 'The question contains something that cannot be processed.',
  malformed_json: 'The question was damaged in transit.',
  payload_too_large: 'The question is too long.',
  unauthenticated: 'You were logged out before it could be answered.',
  token_expired: 'Your login ended before it could be answered.',
  token_invalid: 'Your login was no longer valid.',
  session_revoked: 'This device was logged out before it could be answered.',
  key_revoked: 'The key was revoked before it could be answered.',
  refresh_reused: 'This device was logged out for safety.',
  invalid_credentials: 'Your login was no longer valid.',
  account_disabled: 'The account was disabled before it could be answered.',
  forbidden: 'You are not allowed to use this model.',
  origin_not_allowed: 'This address is not allowed to use the server.',
  not_found: 'The conversation or the model no longer exists.',
  email_taken: 'The account was changed meanwhile.',
  username_taken: 'The account was changed meanwhile.',
  conflict: 'The conversation was changed meanwhile.',
  rate_limited: 'There were too many questions at once.',
  quota_exceeded: 'Your quota was used up before the answer began.',
  provider_error: 'The model refused the question, or sent something that cannot be understood.',
  provider_unavailable: 'The model cannot be reached, is too busy, or fell silent.',
  unavailable: 'The server could not finish the answer after several tries.',
  internal: 'Something went wrong on the server.',
  unknown_event: 'The server does not know how to do that yet.',
};

/** The lines below an answer. */
export const endingsEn = {
  answerErrors,
  /** The server's sentences about an answer, in the user's language. */
  causes: {
    'The model server refused the credentials of this service.':
      'The model server refused the API key.',
    'The model server does not know this model.': 'The model server does not know this model.',
    'The model server did not accept the request.': 'The model server did not accept the request.',
    'The conversation is too long for this model.': 'The conversation is too long for this model.',
    'The model server reported an error.': 'The model server reported an error.',
    'The model server sent something that could not be understood.':
      'The model server sent something that could not be understood.',
    'The model server sent more at once than can be accepted.':
      'The model server sent more at once than can be accepted.',
    'The model server is too busy at the moment.': 'The model server is too busy at the moment.',
    'The model server has a problem at the moment.':
      'The model server has a problem at the moment.',
    'The model server cannot be reached at the moment.':
      'The model server cannot be reached at the moment.',
    'The connection to the model server was lost.': 'The connection to the model server was lost.',
    'The model server did not answer in time.': 'The model server did not answer in time.',
    'The model server fell silent.': 'The model server fell silent.',
    'The answer took longer than is allowed.': 'The answer took longer than is allowed.',
    'The answer was too long and was cut.': 'The answer was longer than is allowed.',
    'The answer could not be stored.': 'The answer could not be stored.',
    'The model broke off without finishing.': 'The model broke off without finishing.',
  } as Record<string, string>,
  /** Texts by finish reason: with text, and without any. */
  endings: {
    stop: { cut: '', empty: 'The model ended without writing anything.' },
    length: {
      cut: 'The answer reached its maximum length and stops here.',
      empty:
        'The model reached the maximum length before it wrote any text, for instance by reasoning. A larger max_tokens or a shorter question may help.',
    },
    content_filter: {
      cut: 'The content filter of the model server cut the answer off here.',
      empty:
        'The content filter of the model server blocked the answer. Rephrasing the question may help.',
    },
    tool_calls: {
      cut: 'The model wanted to use a tool here. This chat offers none.',
      empty: 'The model wanted to use a tool instead of answering. This chat offers none.',
    },
  },
  endedOtherwise: (reason: string) => `The model server gave an unusual reason: “${reason}”.`,
  noText: 'No answer.',
  stopped: 'Stopped',
  stoppedByQuota: 'Stopped, because your quota is used up.',
  showUsage: 'Show usage',
  stoppedEmpty: 'Stopped before any text arrived',
  interrupted: 'The answer was cut off here.',
  failed: 'No answer.',
  unknownCause: 'The cause is unknown.',
  failedRetryable: 'Trying again may help.',
  failedFinal: 'Trying again will probably not help.',
  failedQuota: 'Your quota begins anew with the next day or month.',
  betweenSentences: ' ',
  askAgain: 'Ask again',
  continueAnswer: 'Continue',
};
