import { once } from 'node:events';
import { expect } from 'chai';
import {
  TitleService,
  type TitleServiceDeps,
} from '../../../src/domain/conversations/title-service.js';
import type { Owed } from '../../../src/domain/limits/owed-charges.js';
import { unavailable } from '../../../src/entities/errors.js';
import { ProviderError } from '../../../src/ports/completion-provider.js';

const CLAIM = { conversationId: 1, messageId: 2, userId: 3, model: 'm' };
/** Prompt and text are one token each. */
const CHARGE = { model: 'm', tokens: 2, cost: null, currency: null };
const SETTINGS = { enabled: true, model: null, defaultModel: 'm' };

interface Parts {
  text?: string;
  /** Called before the model says anything. */
  stream?: () => never;
  /** Called after it has said the text. */
  after?: () => never;
  /** Whether it says nothing more, and does not end. */
  hangs?: boolean;
}

describe('The service of titles', () => {
  const logged: string[] = [];
  const given: string[] = [];
  const settled: unknown[] = [];
  const log = (level: string) => (_: object, text: string) => void logged.push(`${level}: ${text}`);
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  beforeEach(() => {
    for (const list of [logged, given, settled]) list.length = 0;
  });

  /** A service whose model says "A title", with these parts in the place of its own. */
  const name = async ({ text = 'A title', ...parts }: Parts) => {
    let saidAll = () => {};
    const hanging = new Promise<void>((resolve) => {
      saidAll = resolve;
    });
    const deps = {
      db: {
        titles: {
          take: async () => 'first words',
          give: async (_id: number, _before: string, title: string) => given.push(title) > 0,
        },
        messages: { prompt: async () => ({ history: [{ content: 'why?' }], settings: {} }) },
        usage: { reserve: async () => 7 },
      },
      provider: {
        stream: async (
          _: object,
          onText: (text: string) => void,
          { signal }: { signal: AbortSignal },
        ) => {
          parts.stream?.();
          onText(text);
          parts.after?.();
          if (parts.hangs) {
            saidAll();
            await once(signal, 'abort');
            throw signal.reason;
          }
          return { usage: null };
        },
      },
      ...{ tokenizer: { count: () => 1 }, models: { priceOf: () => null }, logger },
      owed: { settle: async ({ charge }: Owed) => settled.push(charge) },
      conversations: { announceChange: async () => {} },
    } as unknown as TitleServiceDeps;
    const service = new TitleService(deps, SETTINGS);
    service.completed(CLAIM as Parameters<typeof service.completed>[0], 'because');
    if (parts.hangs) await hanging;
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

  it('counts what was said before the model failed, and nothing where it said nothing', async () => {
    const failure = failing(new ProviderError('provider_error', 'no'));
    await name({ stream: failure });
    await name({ after: failure });
    expect(settled).to.deep.equal([null, CHARGE]);
    expect(given).to.deep.equal([]);
  });

  it('counts what was said before the node stopped', async () => {
    await name({ hangs: true });
    expect(settled).to.deep.equal([CHARGE]);
    expect(given).to.deep.equal([]);
  });

  it('counts a reply that is too long for a title', async () => {
    await name({ text: 'x'.repeat(70_000) });
    expect(settled).to.deep.equal([CHARGE]);
    expect(given).to.deep.equal([]);
  });
});
