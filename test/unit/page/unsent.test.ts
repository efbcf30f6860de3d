import { mock } from 'node:test';
import { expect } from 'chai';
import type { Storage } from '../../../src/web/state/device/storage.js';
import { createUnsent } from '../../../src/web/state/unsent.js';

const DAY_MS = 86_400_000;

describe('What a browser keeps of unsent messages', () => {
  const texts = new Map<string, string>();
  const storage: Storage = {
    get: (key) => texts.get(key) ?? null,
    set: (key, value) => void texts.set(key, value),
    remove: (key) => void texts.delete(key),
    keys: (prefix) => [...texts.keys()].filter((key) => key.startsWith(prefix)),
  };

  beforeEach(() => texts.clear());
  afterEach(() => mock.timers.reset());

  it('tells all tabs what one has discarded, for some weeks', () => {
    mock.timers.enable({ apis: ['Date'], now: 1_000 * DAY_MS });
    const [here, there] = [createUnsent(storage, 1).outbox, createUnsent(storage, 1).outbox];
    for (const id of ['a', 'b']) here.put({ client_id: id, content: id });
    expect(there.all().map(({ client_id }) => client_id)).to.deep.equal(['a', 'b']);
    here.discard('a');
    here.remove('a');
    here.remove('b');
    expect(['a', 'b'].map(there.isDiscarded)).to.deep.equal([true, false]);
    expect(createUnsent(storage, 1).outbox.all()).to.deep.equal([]);
    expect(createUnsent(storage, 2).outbox.isDiscarded('a')).to.equal(false);
    expect(there.isDiscarded('a')).to.equal(true);
    mock.timers.setTime(1_040 * DAY_MS);
    createUnsent(storage, 1).outbox.all();
    expect([...texts.keys()]).to.deep.equal([]);
  });

  it('is nothing after a logout', () => {
    const unsent = createUnsent(storage, 1);
    unsent.outbox.put({ client_id: 'a', content: 'a' });
    unsent.outbox.discard('b');
    unsent.setDraft(null, 'half');
    unsent.forget();
    expect([...texts.keys()]).to.deep.equal([]);
  });
});
