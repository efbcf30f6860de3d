import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type AnswerText,
  applyCompleted,
  applyDelta,
  applyLive,
  cursorOf,
  emptyAnswer,
  isFinal,
  type Step,
} from '../../src/contract/answer-text.js';
import type { RoomEvent } from '../../src/contract/events.js';
import type { FinalStatus } from '../../src/contract/rest.js';
import { type Piece, spoken } from '../../src/contract/spoken.js';
import { AnswerLog } from '../../src/domain/answers/answer-log.js';
import { completedEvent } from '../../src/domain/answers/outcome.js';
import { DeltaFlusher } from '../../src/domain/answers/running/delta-flusher.js';
import { FlushClock } from '../../src/domain/answers/running/flush-clock.js';
import type { LiveLog, LogKey } from '../../src/ports/live-log.js';
import type { Nodes } from './engine-suite.js';
import { collect, until } from './readers.js';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** The text of the model in one attempt, in its pieces. */
const words = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom('你好', '👩‍👩‍👧', '\ud83d', '\udc4b', '\u0000', '𝒳'),
);
const pieces = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: words },
    { weight: 1, arbitrary: words.map((reasoning) => ({ text: '', reasoning })) },
  ),
  { minLength: 1, maxLength: 25 },
);

/** The fate of the next event for a device. */
const fates = fc.array(
  fc.constantFrom('deliver', 'deliver', 'deliver', 'drop', 'twice', 'later', 'reconnect'),
  { minLength: 1, maxLength: 60 },
);

const asStored = (text: string) =>
  text.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd');

/** A device behind a wire that drops, repeats and reorders. */
class Device {
  answer: AnswerText = emptyAnswer();
  #log: LiveLog;
  #key: LogKey;
  #status: () => 'streaming' | FinalStatus;

  constructor(log: LiveLog, key: LogKey, status: () => 'streaming' | FinalStatus) {
    this.#log = log;
    this.#key = key;
    this.#status = status;
  }

  async take(event: RoomEvent): Promise<void> {
    if (event.name === 'message:delta') await this.#follow(applyDelta(this.answer, event.payload));
    if (event.name === 'message:completed') {
      await this.#follow(applyCompleted(this.answer, event.payload));
    }
  }

  /** `conversation:open` and `generation:resume` read the log in the same way. */
  async resume(): Promise<void> {
    const cursor = cursorOf(this.answer);
    const slice = await this.#log.read(this.#key, cursor);
    if (!slice) return;
    const live = { ...slice, from_seq: slice.fromSeq, status: this.#status() };
    await this.#follow(applyLive(this.answer, live));
  }

  async #follow(step: Step): Promise<void> {
    this.answer = step.answer;
    if (step.todo === 'resume') await this.resume();
  }
}

/**
 * Stands between the live log and a device. It holds the events that the reader got, and counts those that have met
 * their fate.
 */
class Wire {
  #events: readonly RoomEvent[];
  #fates: string[];
  #device: Device;
  #taken = 0;
  #fated = 0;
  #late: RoomEvent[] = [];

  constructor(events: readonly RoomEvent[], fates: string[], device: Device) {
    this.#events = events;
    this.#fates = fates;
    this.#device = device;
  }

  /** Delivers new events, and after them the late ones. */
  async pump(): Promise<void> {
    const late = this.#late.splice(0);
    for (; this.#taken < this.#events.length; this.#taken++) {
      const event = this.#events[this.#taken];
      if (event) await this.#carry(event);
    }
    for (const event of late) await this.#device.take(event);
  }

  async #carry(event: RoomEvent): Promise<void> {
    const fate = this.#fates[this.#fated++ % this.#fates.length];
    if (fate === 'deliver' || fate === 'twice') await this.#device.take(event);
    if (fate === 'twice') await this.#device.take(event);
    if (fate === 'later') this.#late.push(event);
    if (fate === 'reconnect') await this.#device.resume();
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function speak(nodes: Nodes, key: LogKey, attempt: number, said: Piece[], wire: Wire) {
  const log = new AnswerLog(nodes.engine.log, key, { attempt, claimId: 'a' }, async () => true);
  const writer = new DeltaFlusher(log, {
    clock: new FlushClock(5),
    onFailure: (reason) => {
      throw reason;
    },
  });
  await log.begin();
  for (const [i, piece] of said.entries()) {
    if (typeof piece === 'string') writer.push(piece);
    else writer.pushReasoning(piece.reasoning);
    if (i % 2 === 0) writer.flush();
    await turn();
    if (i % 3 === 0) await wire.pump();
  }
  await writer.end();
  return log;
}

let nextId = 500_000_000;

/** The promise itself, against any engine: whatever the wire does, the device ends with the model's text. */
export function exactlyOnceConformance(name: string, createNodes: () => Promise<Nodes>): void {
  describe(`an answer through the ${name} engine`, () => {
    let nodes: Nodes;
    before(async () => {
      nodes = await createNodes();
    });
    after(() => nodes.stop());

    it('ends as exactly the text and the reasoning of its last attempt, whatever the wire drops, repeats and reorders', async () => {
      await fc.assert(
        fc.asyncProperty(
          pieces,
          pieces,
          fates,
          fc.boolean(),
          async (first, last, fate, takeover) => {
            const key = { conversationId: nextId++, messageId: nextId++ };
            let status: 'streaming' | FinalStatus = 'streaming';
            const device = new Device(nodes.peer.log, key, () => status);
            const events = await collect(nodes.peer.log, key.conversationId);
            const wire = new Wire(events, fate, device);
            const attempts = takeover ? [first, last] : [last];
            let log: AnswerLog | undefined;
            for (const [i, said] of attempts.entries())
              log = await speak(nodes, key, i + 1, said, wire);
            const attempt = attempts.length;
            const content = log?.text ?? '';
            const end = { attempt, seq: log?.seq ?? 0 };
            await nodes.engine.log.publish(
              key.conversationId,
              completedEvent(key, {
                status: 'completed',
                content,
                sha256: log?.sha256 ?? digest(''),
                reasoning: null,
                reasoningMs: null,
                vendor: null,
                model: null,
                context: null,
                cursor: end,
                finishReason: 'stop',
                usage: null,
                currency: null,
                error: null,
              }),
            );
            await until(events, events.findIndex((e) => e.name === 'message:completed') + 1);
            status = 'completed';
            await wire.pump();
            await wire.pump();
            if (!isFinal(device.answer.status)) await device.resume();
            events.close();
            const said = spoken(last);
            expect(device.answer.text).to.equal(asStored(said.text));
            expect(device.answer.reasoning).to.equal(asStored(said.reasoning));
            expect(content).to.equal(asStored(said.text));
            expect(log?.sha256 ?? digest('')).to.equal(digest(asStored(said.text)));
            expect(device.answer).to.include({ attempt, seq: end.seq, status: 'completed' });
          },
        ),
        { numRuns: 300 },
      );
    });
  });
}
