import { expect } from 'chai';
import { ERRORS, type ErrorCode } from '../../../src/contract/errors.js';
import type { MessageStatus } from '../../../src/contract/rest.js';
import { en } from '../../../src/web/i18n/en.js';
import { zh } from '../../../src/web/i18n/zh.js';
import { type Ending, endingOf } from '../../../src/web/state/answers/answer-ending.js';

/** A new status does not compile until it is listed here. */
const STATUSES: Record<MessageStatus, 'runs' | 'ended'> = {
  queued: 'runs',
  streaming: 'runs',
  completed: 'ended',
  stopped: 'ended',
  interrupted: 'ended',
  failed: 'ended',
};
const NATURAL = ['stop', 'STOP', 'eos', 'end_turn', '', null];
const CUT = ['length', 'max_tokens', 'content_filter', 'SAFETY', 'tool_calls', 'function_call'];
const STRANGE = ['a_reason_of_tomorrow', 'constructor', '__proto__', `x${'y'.repeat(500)}`];
const CODES = Object.keys(ERRORS) as ErrorCode[];
const HAN = /\p{Script=Han}/u;

const statuses = (kind: 'runs' | 'ended') =>
  (Object.keys(STATUSES) as MessageStatus[]).filter((status) => STATUSES[status] === kind);

/** Each combination with which an answer may end. */
function* combinations() {
  for (const status of statuses('ended')) {
    for (const content of ['', ' \n', 'Some text.']) {
      for (const finish_reason of [...NATURAL, ...CUT, ...STRANGE]) {
        for (const code of [null, ...CODES, 'a_code_of_tomorrow', 'constructor']) {
          const error = code === null ? null : { code, message: 'A sentence of tomorrow.' };
          yield { status, content, finish_reason, error };
        }
      }
    }
  }
}

const isAsItShould = (message: { status: string; content: string; finish_reason: string | null }) =>
  message.status === 'completed' &&
  message.content.trim() !== '' &&
  NATURAL.includes(message.finish_reason);

for (const [language, texts] of Object.entries({ en, 'zh-CN': zh })) {
  const ending = (message: Partial<Parameters<typeof endingOf>[0]>): Ending => {
    const defaults = {
      status: 'completed',
      content: '',
      finish_reason: null,
      error: null,
    } as const;
    const found = endingOf({ ...defaults, ...message }, texts);
    if (found === null) throw new Error('says nothing');
    return found;
  };

  describe(`what the page says below an answer, in ${language}`, () => {
    it('is nothing while it runs, and nothing when it came to its end with text', () => {
      for (const status of statuses('runs')) {
        const message = { status, content: '', finish_reason: null, error: null };
        expect(endingOf(message, texts)).to.equal(null);
      }
      for (const message of combinations()) {
        if (isAsItShould(message)) expect(endingOf(message, texts)).to.equal(null);
      }
    });

    it('is a sentence in that language for every other combination of status, reason, text and code', () => {
      for (const message of combinations()) {
        if (isAsItShould(message)) continue;
        const { title = '', text, remedy } = ending(message);
        const said = `${title} ${text}`;
        expect(text.length, JSON.stringify(message)).to.be.within(2, 250);
        expect(said).not.to.match(/undefined|null|\[object|native code/);
        expect(HAN.test(said), said).to.equal(language === 'zh-CN');
        if (message.content.trim() === '') expect(remedy ?? 'none').not.to.equal('continue');
      }
    });

    it('names the cause of what failed, for every code', () => {
      const causes = CODES.map((code) =>
        ending({ status: 'failed', error: { code, message: '' } }),
      );
      for (const [index, code] of CODES.entries()) {
        expect(causes[index]?.text).to.include(texts.answerErrors[code]);
        expect(causes[index]?.title).to.equal(texts.failed);
      }
      expect(causes.every(({ remedy }) => remedy === 'ask again')).to.equal(true);
    });

    it('takes the sentence of the server where it says more than the code', () => {
      for (const [message, cause] of Object.entries(texts.causes)) {
        const error = { code: 'provider_error', message };
        expect(ending({ status: 'failed', error }).text).to.include(cause);
        expect(ending({ status: 'interrupted', content: 'x', error }).text).to.equal(cause);
      }
    });

    it('tells apart why there is no text, and offers to ask again', () => {
      const reasons = ['stop', 'length', 'content_filter', 'tool_calls', 'something_else'];
      const all = reasons.map((finish_reason) => ending({ finish_reason }));
      expect(new Set(all.map(({ text }) => text)).size).to.equal(reasons.length);
      expect(all.every(({ remedy }) => remedy === 'ask again')).to.equal(true);
      expect(all.at(-1)?.text).to.include('something_else');
    });

    it('says that the quota is used up, and offers the usage', () => {
      const stopped = { status: 'stopped', finish_reason: 'quota' } as const;
      expect(ending({ ...stopped, content: 'x' })).to.deep.equal({
        ...{ tone: 'warning', title: texts.stoppedByQuota, text: texts.failedQuota },
        ...{ remedy: 'continue', isQuota: true },
      });
      expect(ending(stopped)).to.include({ remedy: 'ask again', isQuota: true });
      const error = { code: 'quota_exceeded', message: '' };
      expect(ending({ status: 'failed', error })).to.include({ isQuota: true });
      expect(ending({ status: 'failed', error: null })).to.include({ isQuota: false });
    });

    it('offers to go on where the answer was cut, and to ask again where going on does not help', () => {
      const content = 'Some text';
      const remedy = (finish_reason: string) => ending({ content, finish_reason }).remedy;
      expect(remedy('length')).to.equal('continue');
      expect(remedy('content_filter')).to.equal('ask again');
      expect(remedy('tool_calls')).to.equal('ask again');
      // The server knows only this name of the reason.
      expect(remedy('max_tokens')).to.equal('ask again');
      expect(ending({ status: 'stopped', content }).remedy).to.equal('continue');
      expect(ending({ status: 'stopped', content: '' }).remedy).to.equal('ask again');
      expect(ending({ status: 'interrupted', content }).remedy).to.equal('continue');
      expect(ending({ status: 'interrupted', content: '' }).remedy).to.equal('ask again');
    });
  });
}
