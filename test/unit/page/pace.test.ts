import { once } from 'node:events';
import { expect } from 'chai';
import { type Keys, watchKeys } from '../../../src/web/state/device/keys.js';
import { type Paced, paced } from '../../../src/web/state/device/pace.js';

interface Text {
  text: string;
  ended: boolean;
}

/** Frames are made by hand, and each costs as much time as the test says. */
describe('the pace of a growing text', () => {
  let frames: ((() => void) | undefined)[] = [];
  let shown: string[] = [];
  let cost = 0;
  let now = 0;
  /** The browser has shown the last frame. */
  let afterFrame: Promise<unknown> = Promise.resolve();
  let pace: Paced<Text>;
  let page: EventTarget;
  let keys: Keys;
  const kept = globalThis.requestAnimationFrame;
  const KeptChannel = globalThis.MessageChannel;
  const keptCancel = globalThis.cancelAnimationFrame;
  const press = () => page.dispatchEvent(new Event('keydown'));
  const put = (text: string, ended = false) => pace.put({ text, ended });
  const frame = () => {
    const asked = frames;
    frames = [];
    for (const run of asked) run?.();
  };
  const soon = () => new Promise((resolve) => setTimeout(resolve, 5));
  /** Resolves after the task that follows a frame and looks at the clock, so that the cost of the frame is known. */
  const settled = () => afterFrame;
  const clock = performance.now;
  /** An update that takes so long, and the pause after it. */
  const updated = async (ms: number) => {
    cost = ms;
    put('a');
    frame();
    await settled();
    now += ms * 100;
  };

  beforeEach(() => {
    frames = [];
    shown = [];
    cost = 0;
    performance.now = () => now;
    globalThis.MessageChannel = class extends KeptChannel {
      constructor() {
        super();
        afterFrame = once(this.port1, 'message');
      }
    };
    globalThis.requestAnimationFrame = (run) => frames.push(() => run(0));
    globalThis.cancelAnimationFrame = (id) => {
      frames[id - 1] = undefined;
    };
    page = new EventTarget();
    keys = watchKeys(page);
    pace = paced<Text>(
      { text: '', ended: false },
      {
        take: ({ text }) => {
          shown.push(text);
          now += cost;
        },
        keys,
        isUrgent: (next, before) => next.ended !== before.ended,
      },
    );
  });

  afterEach(() => {
    pace.stop();
    keys.dispose();
    performance.now = clock;
    globalThis.MessageChannel = KeptChannel;
    globalThis.requestAnimationFrame = kept;
    globalThis.cancelAnimationFrame = keptCancel;
  });

  it('shows the latest of many pieces, once a frame', () => {
    put('a');
    put('ab');
    put('abc');
    expect(frames.length).to.equal(1);
    frame();
    expect(shown).to.deep.equal(['abc']);
  });

  it('asks for no frame while a pause lasts, and shows what came in it afterwards', async () => {
    cost = 40;
    put('a');
    frame();
    await settled();
    put('ab');
    put('abc');
    expect(frames.length).to.equal(0);
    while (frames.length === 0) await soon();
    frame();
    expect(shown).to.deep.equal(['a', 'abc']);
  });

  it('shows an end at once, also in a pause', async () => {
    cost = 40;
    put('a');
    frame();
    await settled();
    put('ab');
    put('abc', true);
    expect(frames.length).to.equal(1);
    frame();
    expect(shown).to.deep.equal(['a', 'abc']);
  });

  it('shows nothing after it has been stopped', async () => {
    put('a');
    pace.stop();
    frame();
    await soon();
    expect(shown).to.deep.equal([]);
  });

  it('waits for the frame of the next key while somebody types, if updates take long', async () => {
    await updated(40);
    press();
    put('ab');
    expect(frames.length, 'before a key').to.equal(0);
    press();
    frame();
    expect(shown, 'with the frame of the key').to.deep.equal(['a']);
    while (frames.length === 0) await soon();
    frame();
    expect(shown).to.deep.equal(['a', 'ab']);
  });

  it('shows an end at once, also while it waits for a key', async () => {
    await updated(40);
    press();
    put('ab');
    put('abc', true);
    expect(frames.length).to.equal(1);
    frame();
    expect(shown).to.deep.equal(['a', 'abc']);
    press();
    expect(frames.length, 'nothing waits any longer').to.equal(0);
  });

  it('waits for no key if updates are short', async () => {
    await updated(10);
    press();
    put('ab');
    expect(frames.length).to.equal(1);
  });

  it('waits for no key if nobody types', async () => {
    press();
    await updated(40);
    put('ab');
    expect(frames.length).to.equal(1);
  });

  it('waits for a key only so long', async () => {
    await updated(40);
    press();
    put('ab');
    expect(frames.length).to.equal(0);
    while (frames.length === 0) await soon();
    frame();
    expect(shown).to.deep.equal(['a', 'ab']);
  });
});
