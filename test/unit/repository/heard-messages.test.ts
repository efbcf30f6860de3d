import { expect } from 'chai';
import { hearMessages } from '../../../bench/support/heard-messages.js';

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
const push = (...parts: string[]) => `*${parts.length}\r\n${parts.map(bulk).join('')}`;

const PUSHES = [
  push('subscribe', 'ch:{1}'),
  push('message', 'one', 'text'),
  push('smessage', 'ch:{1}', '{"text":"message"}'),
  push('pmessage', 'rooms#*', 'rooms#a', 'text'),
].join('');

describe('hearMessages', () => {
  it('names the channel of each message once, wherever the network cuts', () => {
    for (let cut = 0; cut <= PUSHES.length; cut++) {
      const heard: string[] = [];
      const take = hearMessages((channel) => heard.push(channel));
      for (const part of [PUSHES.slice(0, cut), PUSHES.slice(cut)]) take(Buffer.from(part));
      expect(heard, `cut at ${cut}`).to.deep.equal(['one', 'ch:{1}', 'rooms#*']);
    }
  });
});
