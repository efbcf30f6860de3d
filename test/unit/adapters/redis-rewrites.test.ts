import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { Gate } from '../../../lab/gate.js';
import { ShardEvents } from '../../../src/adapters/redis/connection/shards.js';
import { Envelopes } from '../../../src/adapters/redis/log/envelope.js';
import { type LiveLogDeps, RedisLiveLog } from '../../../src/adapters/redis/log/live-log.js';

describe('Logs that are written again after an outage', () => {
  it('are sent a few at a time, each after one has ended, in order', async () => {
    const sent: { messageId: number; reply: Gate }[] = [];
    const deps = {
      commands: {
        rewrite: async ({ messageId }: { messageId: number }) => {
          const reply = new Gate();
          sent.push({ messageId, reply });
          await reply.opened;
          return { written: 'appended', before: null };
        },
      },
      ...{ envelopes: new Envelopes('a'), shards: { events: new ShardEvents() } },
      readers: { sending: () => {}, dropped: () => {} },
      ...{ owed: { settle: () => {} }, shadow: { rewrite: async () => {} } },
      logger: pino({ level: 'silent' }),
    } as unknown as LiveLogDeps;
    const log = new RedisLiveLog(deps);
    const keys = Array.from({ length: 20 }, (_, i) => ({ conversationId: i, messageId: i }));
    const written = Promise.all(keys.map((key) => log.rewrite(key, 1, ['text'], 'me')));
    for (let answered = 0; answered < keys.length; answered += 1) {
      await turn();
      expect(sent.length).to.equal(Math.min(keys.length, answered + 8));
      sent[answered]?.reply.open();
    }
    expect(await written).to.deep.equal(keys.map(() => 'appended'));
    expect(sent.map(({ messageId }) => messageId)).to.deep.equal(keys.map((key) => key.messageId));
  });
});
