import { expect } from 'chai';
import { createLatest, type Latest } from '../../../src/web/state/latest.js';

const failure = new Error('unavailable');

describe('What is read from the server again and again', () => {
  let replies: { resolve(words: string[]): void; reject(error: unknown): void }[];
  let latest: Latest<string[]>;

  beforeEach(() => {
    replies = [];
    latest = createLatest(
      () => new Promise((resolve, reject) => replies.push({ resolve, reject })),
    );
  });

  const reads = (count: number) =>
    Array.from({ length: count }, () => latest.read().catch((error: unknown) => error));

  it('is what came of the newest question that has a reply', async () => {
    const [first, second, third] = reads(3);
    replies[1]?.resolve(['second']);
    await second;
    expect(latest.value.value).to.deep.equal(['second']);
    replies[0]?.resolve(['first']);
    await first;
    expect(latest.value.value).to.deep.equal(['second']);
    replies[2]?.resolve(['third']);
    await third;
    expect(latest.value.value).to.deep.equal(['third']);
  });

  it('stays when a newer question fails, and a late failure says nothing of it', async () => {
    const [first, second, third] = reads(3);
    replies[1]?.resolve(['second']);
    await second;
    replies[0]?.reject(failure);
    expect(await first).to.equal(undefined);
    replies[2]?.reject(failure);
    expect(await third).to.equal(failure);
    expect(latest.value.value).to.deep.equal(['second']);
  });

  it('keeps a change that was made after the question', async () => {
    latest.change(() => ['nothing is known that could be changed']);
    expect(latest.value.value).to.equal(null);
    const [first] = reads(1);
    latest.change((words) => [...words, 'more']);
    replies[0]?.resolve(['one']);
    await first;
    expect(latest.value.value).to.deep.equal(['one', 'more']);
    latest.change((words) => words.slice(1));
    const [second] = reads(1);
    expect(latest.value.value).to.deep.equal(['more']);
    replies[1]?.resolve(['two']);
    await second;
    expect(latest.value.value).to.deep.equal(['two']);
  });

  it('is forgotten, and earlier questions with it', async () => {
    const [first] = reads(1);
    latest.clear();
    replies[0]?.resolve(['one']);
    await first;
    expect(latest.value.value).to.equal(null);
  });
});
