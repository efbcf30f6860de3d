import { expect } from 'chai';
import type { Packet } from 'socket.io-parser';
import { LIMITS } from '../../../src/contract/limits.js';
import { modestParser } from '../../../src/gateway/connection/modest-parser.js';
import { isModest } from '../../../src/validation/payload-size.js';

/** An event has its name and its payload besides. */
const MANY = LIMITS.payloadValues + 3;
const KEYS = JSON.stringify(Object.fromEntries(Array.from({ length: MANY }, (_, i) => [i, i])));
const DEEP = '['.repeat(LIMITS.payloadValues) + ']'.repeat(LIMITS.payloadValues);
/** JSON that the parser would reject, so that it shows whether it was asked. */
const BROKEN = `${'1,'.repeat(MANY)}nonsense`;

function decode(...parts: unknown[]): Packet[] {
  const packets: Packet[] = [];
  const decoder = new modestParser.Decoder();
  decoder.on('decoded', (packet: Packet) => packets.push(packet));
  for (const part of parts) decoder.add(part);
  return packets;
}

describe('A packet of a socket', () => {
  it('is decoded as ever when it is modest, however long', () => {
    const text = '[{,"\\'.repeat(MANY);
    const body = JSON.stringify(['message:send', { content: text }]);
    expect(decode(`27${body}`)).to.deep.equal([
      { type: 2, nsp: '/', id: 7, data: ['message:send', { content: text }] },
    ]);
  });

  for (const [what, payload] of Object.entries({ keys: KEYS, depth: DEEP, nonsense: BROKEN })) {
    it(`keeps its name and id, and gets a payload that is refused, with too much of ${what}`, () => {
      for (const name of ['message:send', 'with "quotes", [brackets] and \\']) {
        const [packet, ...more] = decode(`2/ns,12[${JSON.stringify(name)},${payload}]`);
        expect(more).to.deep.equal([]);
        expect(packet).to.include({ type: 2, nsp: '/ns', id: 12 });
        expect(packet?.data[0]).to.equal(name);
        expect(isModest(packet?.data[1])).to.equal(false);
      }
    });
  }

  it('takes its attachments along', () => {
    const body = `51-["event",{"_placeholder":true,"num":0},${KEYS}]`;
    const [packet] = decode(body, Buffer.from('x'));
    expect(packet?.data[0]).to.equal('event');
    expect(isModest(packet?.data[1])).to.equal(false);
  });

  it('is no packet when it is no event', () => {
    for (const head of ['0', '31', '2', '22[5,']) {
      expect(() => decode(`${head}${KEYS}`), head).to.throw('too many values');
    }
  });
});
