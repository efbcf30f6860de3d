import { expect } from 'chai';
import { keptOutbox, type TextStorage } from '../../../src/client/outbox/kept-outbox.js';

const entry = (client_id: string) => ({ client_id, content: `text of ${client_id}` });

/** Behaves like AsyncStorage: each call takes its time, and the first ones take longer. */
class SlowStorage implements TextStorage {
  readonly texts = new Map<string, string>();
  #turns = 10;

  async getItem(name: string): Promise<string | null> {
    await this.#pass();
    return this.texts.get(name) ?? null;
  }

  async setItem(name: string, text: string): Promise<void> {
    await this.#pass();
    this.texts.set(name, text);
  }

  async #pass(): Promise<void> {
    this.#turns = Math.max(0, this.#turns - 1);
    const turns = this.#turns;
    for (let i = 0; i < turns; i++) await new Promise(setImmediate);
  }
}

const settled = async () => {
  for (let i = 0; i < 100; i++) await new Promise(setImmediate);
};

describe('An outbox that is kept', () => {
  it('has what was put and not removed after a restart, in its order', async () => {
    const storage = new SlowStorage();
    const outbox = await keptOutbox(storage, 'mine');
    for (const id of ['a', 'b', 'c']) outbox.put(entry(id));
    outbox.remove('b');
    await settled();
    expect([...storage.texts.keys()]).to.deep.equal(['mine']);
    const again = await keptOutbox(storage, 'mine');
    expect(again.all()).to.deep.equal([entry('a'), entry('c')]);
    again.remove('a');
    await settled();
    expect((await keptOutbox(storage, 'mine')).all()).to.deep.equal([entry('c')]);
    expect((await keptOutbox(storage)).all()).to.deep.equal([]);
  });

  it('takes a storage like localStorage, which answers at once', async () => {
    const texts = new Map<string, string>();
    const storage = {
      getItem: (name: string) => texts.get(name) ?? null,
      setItem: (name: string, text: string) => void texts.set(name, text),
    };
    (await keptOutbox(storage)).put(entry('a'));
    await settled();
    // The messages of an earlier version are still found.
    expect([...texts.keys()]).to.deep.equal(['parley:outbox']);
    expect((await keptOutbox(storage)).all()).to.deep.equal([entry('a')]);
  });

  it('writes over nothing that could not be read', async () => {
    let text = JSON.stringify([entry('old')]);
    let failures = 2;
    const storage = {
      getItem: async () => {
        failures -= 1;
        if (failures >= 0) throw new Error('locked');
        return text;
      },
      setItem: (_: string, next: string) => {
        text = next;
      },
    };
    const outbox = await keptOutbox(storage);
    outbox.put(entry('a'));
    await settled();
    expect(JSON.parse(text)).to.deep.equal([entry('old')]);
    outbox.put(entry('b'));
    outbox.remove('a');
    await settled();
    expect(outbox.all()).to.deep.equal([entry('b')]);
    expect(JSON.parse(text)).to.deep.equal([entry('old'), entry('b')]);
  });

  it('works without what is damaged, and while the storage fails', async () => {
    const damaged = { getItem: () => '{"a', setItem: () => Promise.reject(new Error('full')) };
    const outbox = await keptOutbox(damaged);
    outbox.put(entry('a'));
    await settled();
    expect(outbox.all()).to.deep.equal([entry('a')]);
    const strange = {
      getItem: () => '[null, 1, {"client_id": "a", "content": "b"}]',
      setItem() {},
    };
    expect((await keptOutbox(strange)).all()).to.deep.equal([{ client_id: 'a', content: 'b' }]);
    const silent = { getItem: () => Promise.reject(new Error('locked')), setItem() {} };
    expect((await keptOutbox(silent)).all()).to.deep.equal([]);
  });
});
