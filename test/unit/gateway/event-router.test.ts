import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { pino } from 'pino';
import type { Ack } from '../../../src/contract/events.js';
import { EventRouter, type RouterOptions } from '../../../src/gateway/event-router.js';
import type { ParleySocket } from '../../../src/gateway/types.js';
import { noTelemetry } from '../../../src/ports/telemetry.js';
import { noTracing } from '../../../src/ports/tracing.js';

type Listener = (name: string, payload: object, reply: (ack: Ack<unknown>) => void) => void;

describe('An event whose turn comes', () => {
  const DEADLINE_MS = 60_000;
  const done: string[] = [];
  let isBehind: boolean;
  /** Happens while the event waits in its user's line. */
  let meanwhile: () => void;

  beforeEach(() => {
    done.length = 0;
    isBehind = false;
    meanwhile = () => {};
  });

  const attach = (deadlineMs = DEADLINE_MS) => {
    let listener: Listener | undefined;
    const permissions = new Set(['conversations:read', 'messages:send']);
    const socket = {
      connected: true,
      conn: new EventEmitter(),
      data: { principal: { userId: 1, permissions, scopes: null }, language: 'en', lastSend: null },
      onAny: (heard: Listener) => {
        listener = heard;
      },
    };
    const note = (what: string) => async () => void done.push(what);
    const options = {
      handlers: { 'conversation:open': note('opened'), 'message:send': note('sent') },
      limit: async () => {},
      floods: {
        meters: { waitMs: () => 0 },
        refused: () => false,
        drop: () => {},
        queue: {
          run: async (_: number, work: () => Promise<unknown>) => {
            meanwhile();
            return work();
          },
          charge: () => {},
        },
      },
      keepUp: {
        isBehind: () => isBehind,
        wait: async () => {
          done.push('waited');
          if (done.length > 1) isBehind = false;
        },
      },
      rights: { require: note('asked') },
      logger: pino({ level: 'silent' }),
      telemetry: noTelemetry,
      tracing: noTracing,
      deadlineMs,
    } as unknown as RouterOptions;
    new EventRouter(options).attach(socket as unknown as ParleySocket);
    const emit = (name: string, payload: object) =>
      new Promise<Ack<unknown>>((reply) => listener?.(name, payload, reply));
    return { socket, emit };
  };
  const page = { conversation_id: 1 };
  const message = { client_id: 'a', content: 'b' };

  it('waits anew when its answer is a page and its socket has fallen behind meanwhile', async () => {
    meanwhile = () => {
      isBehind = done.length === 1;
    };
    expect(await attach().emit('conversation:open', page)).to.include({ ok: true });
    expect(done).to.deep.equal(['waited', 'waited', 'asked', 'opened']);
  });

  it('goes on when it is no page, whether its socket has fallen behind or not', async () => {
    meanwhile = () => {
      isBehind = done.length === 1;
    };
    expect(await attach().emit('message:send', message)).to.include({ ok: true });
    expect(done).to.deep.equal(['waited', 'asked', 'sent']);
  });

  it('is not begun when its socket has gone or its time is over', async () => {
    const gone = attach();
    meanwhile = () => {
      gone.socket.connected = false;
    };
    expect(await gone.emit('message:send', message)).to.have.nested.property(
      'error.code',
      'unavailable',
    );
    const late = attach(0);
    meanwhile = () => {};
    expect(await late.emit('message:send', message)).to.have.nested.property(
      'error.code',
      'unavailable',
    );
    expect(done).to.deep.equal(['waited', 'waited']);
  });
});
