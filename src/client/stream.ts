/** Answers without a socket. */
export {
  type AnswerEvent,
  type AnswerEvents,
  type StreamOptions,
  streamAnswer,
  streamChat,
} from './answer-stream.js';
export { ParleyError } from './parley-error.js';
export type { RestOptions } from './request.js';
export { createRest, type Rest } from './rest.js';
