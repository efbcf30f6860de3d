import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import {
  Outbox,
  type OutboxEntry,
  type OutboxStorage,
  type Sent,
} from '../../../src/client/outbox/outbox.js';
import { ParleyError, unreachable } from '../../../src/client/parley-error.js';
import type { ErrorCode } from '../../../src/contract/errors.js';

const refusal = (code: ErrorCode, retryable: boolean, retryAfterMs?: number) =>
  new ParleyError({
    code,
    message: code,
    retryable,
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
  });

/** The other side: takes what arrives, and replies as it is told. */
class Post {
  readonly received: OutboxEntry[] = [];
  readonly errors: Error[] = [];

  readonly send = async (entry: OutboxEntry): Promise<Sent> => {
    this.received.push(entry);
    const error = this.errors.shift();
    if (error !== undefined) throw error;
    return { conversation: {}, user_message: {}, assistant_message: {} } as Sent;
  };

  get ids(): string[] {
    return this.received.map(({ client_id }) => client_id);
  }
}

class Shelf implements OutboxStorage {
  readonly entries: OutboxEntry[] = [];
  all = () => [...this.entries];
  put = (entry: OutboxEntry) => void this.entries.push(entry);
  remove = (clientId: string) => {
    const index = this.entries.findIndex(({ client_id }) => client_id === clientId);
    if (index >= 0) this.entries.splice(index, 1);
  };
}

/** The storage of several pages. */
class SharedShelf extends Shelf {
  readonly #discarded = new Set<string>();
  discard = (clientId: string) => void this.#discarded.add(clientId);
  isDiscarded = (clientId: string) => this.#discarded.has(clientId);
}

describe('the outbox', () => {
  it('sends in order, one after the other, once there is a connection', async () => {
    const post = new Post();
    const outbox = new Outbox(post.send, null);
    const sent = Promise.all([outbox.add({ content: 'a' }), outbox.add({ content: 'b' })]);
    await turn();
    expect(post.received).to.deep.equal([]);
    outbox.setOnline(true);
    await sent;
    expect(post.received.map(({ content }) => content)).to.deep.equal(['a', 'b']);
    expect(outbox.pending).to.deep.equal([]);
  });

  it('sends again under the same id when the connection broke before the ack', async () => {
    const post = new Post();
    post.errors.push(unreachable());
    const outbox = new Outbox(post.send, null);
    outbox.setOnline(true);
    const sent = outbox.add({ content: 'once' });
    await turn();
    outbox.setOnline(false);
    outbox.setOnline(true);
    await sent;
    expect(post.ids.length).to.equal(2);
    expect(new Set(post.ids).size).to.equal(1);
  });

  it('keeps what is unsent for the next page, and forgets what was acknowledged', async () => {
    const shelf = new Shelf();
    const first = new Outbox(new Post().send, shelf);
    void first.add({ content: 'typed in a tunnel' });
    const post = new Post();
    const second = new Outbox(post.send, shelf);
    expect(second.pending.map(({ entry }) => entry.content)).to.deep.equal(['typed in a tunnel']);
    second.setOnline(true);
    await turn();
    expect(post.ids).to.deep.equal([first.pending[0]?.entry.client_id]);
    expect(shelf.entries).to.deep.equal([]);
  });

  it('gives up what is refused for good, lets the next one pass, and repeats it on request', async () => {
    const post = new Post();
    post.errors.push(refusal('validation_failed', false));
    const outbox = new Outbox(post.send, null);
    outbox.setOnline(true);
    const refused = outbox.add({ content: 'bad' }).catch((error: unknown) => error);
    await outbox.add({ content: 'good' });
    expect(await refused).to.include({ code: 'validation_failed' });
    const [left] = outbox.pending;
    expect(left?.error?.code).to.equal('validation_failed');
    await outbox.retry(left?.entry.client_id ?? '');
    expect(post.ids[0]).to.equal(post.ids[2]);
    expect(outbox.pending).to.deep.equal([]);
  });

  it('refuses the promise of what is discarded, and sends what stands behind it', async () => {
    const post = new Post();
    const outbox = new Outbox(post.send, null);
    const [first, second] = [outbox.add({ content: 'a' }), outbox.add({ content: 'b' })];
    outbox.discard(outbox.pending[0]?.entry.client_id ?? '');
    expect(await first.catch(({ code }) => code)).to.equal('conflict');
    outbox.setOnline(true);
    await second;
    expect(post.received.map(({ content }) => content)).to.deep.equal(['b']);
  });

  it('sends nothing that another page has discarded, and sends again what another page has sent', async () => {
    const shelf = new SharedShelf();
    const first = new Outbox(new Post().send, shelf);
    const discarded = first.add({ content: 'a' }).catch(({ code }) => code);
    void first.add({ content: 'b' });
    const post = new Post();
    const second = new Outbox(post.send, shelf);
    const [unwanted = '', sent] = second.pending.map(({ entry }) => entry.client_id);
    first.discard(unwanted);
    first.setOnline(true);
    await turn();
    expect(await discarded).to.equal('conflict');
    expect(shelf.entries).to.deep.equal([]);
    expect(await second.retry(unwanted).catch(({ code }) => code)).to.equal('not_found');
    const third = new Outbox(post.send, {
      ...shelf,
      all: () => [{ client_id: unwanted, content: 'a' }],
    });
    third.setOnline(true);
    second.setOnline(true);
    await turn();
    // The server knows the `client_id`, and its ack shows this page where the message is.
    expect(post.ids).to.deep.equal([sent]);
    expect([...second.pending, ...third.pending]).to.deep.equal([]);
  });

  it('settles every promise of a message that is sent again, and none of one that it does not have', async () => {
    const post = new Post();
    const outbox = new Outbox(post.send, null);
    const first = outbox.add({ content: 'a' });
    const id = outbox.pending[0]?.entry.client_id ?? '';
    const again = outbox.retry(id);
    outbox.setOnline(true);
    expect(await first).to.equal(await again);
    expect(await outbox.retry(id).catch(({ code }) => code)).to.equal('not_found');
    expect(post.ids).to.deep.equal([id]);
  });

  it('does not wait silently for a limit that takes long to refill', async () => {
    const post = new Post();
    post.errors.push(refusal('quota_exceeded', true, 3_600_000));
    const outbox = new Outbox(post.send, null);
    outbox.setOnline(true);
    const error = await outbox.add({ content: 'much' }).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'quota_exceeded' });
  });

  it('waits as long as a short limit asks', async () => {
    const post = new Post();
    post.errors.push(refusal('rate_limited', true, 40));
    const outbox = new Outbox(post.send, null);
    outbox.setOnline(true);
    const before = performance.now();
    await outbox.add({ content: 'quick' });
    expect(performance.now() - before).to.be.at.least(39);
    expect(post.ids.length).to.equal(2);
  });
});
