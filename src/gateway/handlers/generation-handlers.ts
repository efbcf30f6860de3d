import type { GenerationService } from '../../domain/answers/generation-service.js';
import type { KeyAnswers } from '../../domain/answers/reading/key-answers.js';
import { readsAll } from '../../domain/sessions/scopes.js';
import type { AnswerFeeds } from '../programs/answer-feeds.js';
import type { Handlers } from '../types.js';

export const generationHandlers = (
  generations: GenerationService,
  answers: Pick<KeyAnswers, 'require'>,
  feeds: Pick<AnswerFeeds, 'follow'>,
): Pick<Handlers, 'generation:stop' | 'generation:resume'> => ({
  async 'generation:stop'(socket, { message_id }) {
    return { status: await generations.stop(socket.data.principal, message_id) };
  },

  async 'generation:resume'(socket, cursor) {
    const { principal } = socket.data;
    if (readsAll(principal)) return generations.resume(principal.userId, cursor);
    const answer = await answers.require(principal, cursor.message_id);
    const resumed = await generations.resume(principal.userId, cursor);
    feeds.follow(socket, answer, { attempt: resumed.attempt, seq: resumed.seq });
    return resumed;
  },
});
