/** Answers without a socket. */

export { ParleyError } from './parley-error.js';
export {
  type AnswerEvent,
  type AnswerEvents,
  type StreamOptions,
  streamAnswer,
  streamChat,
} from './rest/answer-stream.js';
export type { RestOptions } from './rest/request.js';
export { createRest, type Rest } from './rest/rest.js';
