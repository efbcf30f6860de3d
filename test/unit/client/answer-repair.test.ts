import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import type { Call } from '../../../src/client/call.js';
import { AnswerRepair } from '../../../src/client/conversation/answer-repair.js';
import { MessageLog } from '../../../src/client/conversation/message-log.js';
import { message } from './conversation-model.js';

describe('The repair of several answers', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('opens the conversation again for one that failed, though another succeeded since', async () => {
    const log = new MessageLog();
    for (const id of [2, 4]) log.put(message(id, { status: 'streaming', content: '', attempt: 1 }));
    let succeed = () => {};
    const call = async (_: string, { message_id }: { message_id: number }) => {
      if (message_id === 2) throw new Error('lost');
      await new Promise<void>((resolve) => {
        succeed = resolve;
      });
      return { status: 'streaming', attempt: 1, from_seq: 0, seq: 1, text: 'all' };
    };
    let opened = 0;
    const repair = new AnswerRepair({
      call: call as unknown as Call,
      log,
      changed: () => {},
      reopen: () => {
        opened += 1;
      },
    });
    repair.do(2, 'resume');
    repair.do(4, 'resume');
    await turn();
    succeed();
    await turn();
    expect(log.cursor(4).seq).to.equal(1);
    mock.timers.tick(1_000);
    expect(opened).to.equal(1);
  });
});
