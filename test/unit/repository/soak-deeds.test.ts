import { expect } from 'chai';
import type { Held } from '../../../soak/book.js';
import { chooseDeed, chooseHow } from '../../../soak/intent.js';
import { startModel } from '../../../soak/model.js';
import { Random } from '../../../soak/random.js';
import { RawBranch } from '../../../soak/raw-branch.js';
import type { Conversation, Message } from '../../../src/contract/rest.js';
import { GO_ON } from '../../../src/domain/answers/model/prompt.js';

const held = (id: number, rest: Partial<Held> = {}): Held => ({
  id,
  role: id % 2 === 1 ? 'user' : 'assistant',
  status: 'completed',
  attempt: 1,
  text: 'text',
  finishReason: 'stop',
  siblings: [id],
  ...rest,
});

describe("The soak's deeds", () => {
  const branch = [
    held(1),
    held(2, { siblings: [2, 9] }),
    held(3),
    held(4, { status: 'stopped' }),
    held(5),
    held(6, { status: 'streaming' }),
  ];
  const deeds = (seed: string) =>
    Array.from({ length: 200 }, (_, i) => chooseDeed(new Random(`${seed}/${i}`), 'new', 7, branch));

  it('are those of the seed, and of every kind', () => {
    expect(deeds('42')).to.deep.equal(deeds('42'));
    expect(deeds('42')).to.not.deep.equal(deeds('43'));
    const kinds = new Set(deeds('42').map((deed) => deed?.kind));
    expect([...kinds].sort()).to.deep.equal(['continue', 'delete', 'edit', 'regenerate', 'select']);
  });

  it('are done to messages to which they apply', () => {
    const targets = (kind: string) => [
      ...new Set(
        deeds('42').flatMap((deed) =>
          deed?.kind === kind && 'messageId' in deed ? deed.messageId : [],
        ),
      ),
    ];
    expect(targets('select')).to.deep.equal([9]);
    expect(targets('continue').sort()).to.deep.equal([4, 6]);
    expect(targets('regenerate').every((id) => id % 2 === 0)).to.equal(true);
    expect(targets('edit')).to.include.members([5, 6]);
  });

  it('are questions that ask, interrupt or ask nobody', () => {
    const hows = Array.from({ length: 100 }, (_, i) => chooseHow(new Random(`42/${i}`)));
    expect([...new Set(hows)]).to.have.members([undefined, 'interrupt', 'note']);
    expect(hows.filter((how) => how === undefined).length).to.be.above(60);
  });

  it('are none where nothing is shown', () => {
    expect(chooseDeed(new Random('42'), 'new', 7, [])).to.equal(null);
  });
});

describe("The soak's model", () => {
  it('tells a question that is asked again from an answer that continues', async () => {
    const model = await startModel(new Random('42'), () => 0);
    const ask = async (...messages: { role: string; content: string }[]) => {
      const body = JSON.stringify({ model: 'm', stream: true, messages });
      const response = await fetch(`${model.url}/chat/completions`, { method: 'POST', body });
      await response.body?.cancel();
    };
    const asked = { role: 'user', content: '[u01-1] why?' };
    try {
      await ask(asked);
      await ask(asked, { role: 'assistant', content: 'so far' }, { role: 'user', content: GO_ON });
    } finally {
      await model.stop();
    }
    expect(model.calls.get('u01-1')?.map(({ kept }) => kept)).to.deep.equal([null, 'so far']);
  });
});

describe("The soak's raw branch", () => {
  const message = (id: number, parent_id: number | null): Message =>
    ({
      id,
      parent_id,
      role: 'user',
      content: '',
      finish_reason: null,
      sibling_ids: [id],
    }) as unknown as Message;
  const moved = (active_message_id: number | null, updated_at: string) =>
    ({ active_message_id, updated_at }) as Conversation;
  const ids = (branch: RawBranch) => branch.messages.map(({ id }) => id);

  it('is the path to the leaf of the newest copy of the conversation', () => {
    const branch = new RawBranch();
    branch.replace(moved(2, '2026-01-01T00:00:00.002Z'), [message(1, null), message(2, 1)]);
    branch.put(message(3, 1));
    branch.update(moved(1, '2026-01-01T00:00:00.001Z'));
    expect(ids(branch)).to.deep.equal([1, 2]);
    branch.update(moved(3, '2026-01-01T00:00:00.003Z'));
    expect(ids(branch)).to.deep.equal([1, 3]);
    expect(branch.isWhole).to.equal(true);
  });

  it('lacks something if the leaf or a message above it is unknown', () => {
    const branch = new RawBranch();
    branch.replace(moved(3, ''), [message(1, null), message(2, 1), message(3, 2)]);
    branch.remove([2]);
    expect(branch.isWhole).to.equal(false);
    branch.replace(moved(null, ''), []);
    expect(branch.isWhole).to.equal(true);
  });
});
