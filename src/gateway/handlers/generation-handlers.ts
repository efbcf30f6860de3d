import type { GenerationService } from '../../domain/answers/generation-service.js';
import type { Handlers } from '../types.js';

export const generationHandlers = (
  generations: GenerationService,
): Pick<Handlers, 'generation:stop' | 'generation:resume'> => ({
  async 'generation:stop'(socket, { message_id }) {
    return { status: await generations.stop(socket.data.principal, message_id) };
  },

  'generation:resume': (socket, cursor) => generations.resume(socket.data.principal.userId, cursor),
});
