import { expect } from 'chai';
import {
  TitleService,
  type TitleServiceDeps,
} from '../../../src/domain/conversations/title-service.js';
import { unavailable } from '../../../src/entities/errors.js';
import { ProviderError } from '../../../src/ports/completion-provider.js';

const CLAIM = { conversationId: 1, messageId: 2, userId: 3, model: 'm' };
const SETTINGS = { enabled: true, model: null, defaultModel: 'm' };

describe('The service of titles', () => {
  const logged: string[] = [];
  const given: string[] = [];
  const log = (level: string) => (_: object, text: string) => void logged.push(`${level}: ${text}`);
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  beforeEach(() => {
    logged.length = 0;
    given.length = 0;
  });

  /** A service whose model says "A title", with these parts in the place of its own. */
  const name = async ({ stream, settle }: { stream?: () => never; settle?: () => never }) => {
    const deps = {
      db: {
        titles: {
          take: async () => 'first words',
          give: async (_id: number, _before: string, title: string) => given.push(title) > 0,
        },
        messages: { prompt: async () => ({ history: [{ content: 'why?' }], settings: {} }) },
        usage: { reserve: async () => 7, settle: async () => settle?.() },
      },
      provider: {
        stream: async (_: object, onText: (text: string) => void) => {
          stream?.();
          onText('A title');
          return { usage: null };
        },
      },
      ...{ tokenizer: { count: () => 1 }, models: { priceOf: () => null }, logger },
      conversations: { announceChange: async () => {} },
    } as unknown as TitleServiceDeps;
    const service = new TitleService(deps, SETTINGS);
    service.completed(CLAIM as Parameters<typeof service.completed>[0], 'because');
    await service.stop();
  };
  const failing = (error: Error) => () => {
    throw error;
  };

  it('says aloud what is a fault of the program, and nothing of what may happen', async () => {
    await name({ stream: failing(new ProviderError('provider_error', 'no')) });
    await name({ stream: failing(unavailable(new Error('gone'))) });
    expect(logged).to.deep.equal(['debug: no title by the model', 'debug: no title by the model']);
    await name({ stream: failing(new TypeError('x is not a function')) });
    expect(logged.slice(2)).to.deep.equal(['error: no title by the model']);
    expect(given).to.deep.equal([]);
  });

  it('gives a title whose tokens cannot be counted now', async () => {
    await name({ settle: failing(unavailable(new Error('gone'))) });
    expect(given).to.deep.equal(['A title']);
    expect(logged).to.deep.equal(['warn: a title is counted as what was reserved for it']);
  });
});
