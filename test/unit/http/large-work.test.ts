import { expect } from 'chai';
import { LargeWork } from '../../../src/http/large-work.js';

const never = new AbortController().signal;

/** Takes the event loop for a few milliseconds. */
function busy(): void {
  for (const until = performance.now() + 5; performance.now() < until; );
}

describe('Work that takes the event loop for long', () => {
  it('is done one piece after the other, and others come between', async () => {
    const steps: string[] = [];
    const large = new LargeWork();
    const piece = (name: string) => () => {
      busy();
      steps.push(name);
      setImmediate(() => steps.push(`others after ${name}`));
    };
    // A piece runs where timers do, the first one too, so that immediates follow it before the next timer.
    await new Promise((resolve) => setTimeout(resolve));
    await Promise.all(['a', 'b', 'c'].map((name) => large.run(piece(name), never)));
    expect(steps).to.deep.equal(['a', 'others after a', 'b', 'others after b', 'c']);
  });

  it('gives what it makes, fails alone, and is not begun for who has gone', async () => {
    const large = new LargeWork();
    const gone = new AbortController();
    gone.abort(new Error('gone'));
    const done: string[] = [];
    const results = await Promise.allSettled([
      large.run(() => 1, never),
      large.run(() => {
        throw new Error('failed');
      }, never),
      large.run(() => done.push('begun'), gone.signal),
      large.run(() => 2, never),
    ]);
    expect(results.map((one) => Reflect.get(one, 'value') ?? one.status)).to.deep.equal([
      ...[1, 'rejected', 'rejected', 2],
    ]);
    expect(done).to.deep.equal([]);
  });
});
