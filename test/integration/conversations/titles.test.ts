import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer, status } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import type { UsageReport } from '../../../src/contract/usage.js';
import { titleIn } from '../../../src/domain/conversations/title-text.js';

describe('The title that the model gives', () => {
  let app: TestApp;
  let ada: Account;
  let device: Device;
  let serial = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0', AUTO_TITLE: 'true', TITLE_MODEL: 'title-model' });
  });
  after(() => app?.stop());
  beforeEach(async () => {
    serial += 1;
    ada = await app.register(`ada${serial}`);
    device = await app.device(ada);
  });

  const ask = async (content: string, more: { conversation_id?: number } = {}) => {
    const client_id = `q${app.upstream.requests.length}`;
    const sent = await device.ask('message:send', { ...more, client_id, content });
    await device.ended(sent.assistant_message.id);
    return sent.conversation;
  };
  const titled = (title: string) =>
    device.until('conversation:updated', (event) => event.conversation.title === title);
  const flag = async (id: number) =>
    (
      await app.rows<{ auto: boolean }>(
        'SELECT auto_title AS auto FROM conversations WHERE id = $1',
        [id],
      )
    )[0]?.auto;
  /** The task was taken, and nothing of it is left to do. */
  const settled = (id: number) =>
    eventually(
      () => flag(id),
      (auto) => auto === false,
    );

  it('comes after the first answer, live, in place of the first words, and costs the asker', async () => {
    app.upstream.script(answer(['Light is ', 'refracted.']), answer(['“How rainbows form.”']));
    const before = app.upstream.requests.length;
    const conversation = await ask('Explain at length how rainbows form in the sky');
    expect(conversation.title).to.equal('Explain at length how rainbows form in the sky');
    const told = await titled('How rainbows form');
    expect(told.conversation.id).to.equal(conversation.id);
    const requests = app.upstream.requests.slice(before);
    expect(requests).to.have.length(2);
    expect(requests[1]?.body).to.include({ model: 'title-model' });
    expect(JSON.stringify(requests[1]?.body)).to.include('Light is refracted.');
    const { body } = await app.call<UsageReport>('/users/me/usage', { token: ada.token });
    const [answered] = device.all('message:completed');
    expect(body.day.tokens).to.be.above(answered?.usage?.total_tokens ?? 0);
    await ask('And the second bow?', { conversation_id: conversation.id });
    expect(app.upstream.requests).to.have.length(before + 3);
  });

  it('is not asked for where a user named the conversation, before or after', async () => {
    const before = app.upstream.requests.length;
    const made = (await device.ask('conversation:create', { title: 'Mine' })).conversation;
    await ask('Hello', { conversation_id: made.id });
    const held = app.upstream.next();
    const sent = await device.ask('message:send', { client_id: 'r', content: 'Name me' });
    const { id: conversation_id } = sent.conversation;
    await held.opened;
    await device.ask('conversation:update', { conversation_id, title: 'Named' });
    held.finish();
    await device.ended(sent.assistant_message.id);
    await ask('Again', { conversation_id });
    expect(app.upstream.requests).to.have.length(before + 3);
    const list = await device.ask('conversation:list', {});
    expect(list.conversations.map(({ title }) => title)).to.have.members(['Mine', 'Named']);
  });

  it('does not replace a name that a user gives while the model thinks', async () => {
    app.upstream.script(answer(['Yes.']));
    const thinking = app.upstream.next();
    const { id: conversation_id } = await ask('Think about it');
    await thinking.opened;
    await device.ask('conversation:update', { conversation_id, title: 'My own' });
    thinking.write('Thoughts');
    thinking.finish();
    await thinking.closed;
    await ask('More', { conversation_id });
    const { conversations } = await device.ask('conversation:list', {});
    expect(conversations[0]?.title).to.equal('My own');
  });

  it('stays as it was when the model fails, and for a user whose quota is too small', async () => {
    app.upstream.script(answer(['Yes.']), status(400));
    const asked = app.upstream.requests.length;
    const failed = await ask('First words stay');
    await settled(failed.id);
    await app.upstream.request(asked + 2);
    await app.rows(`UPDATE roles SET tokens_per_day = 100 WHERE name = 'user'`);
    try {
      const poor = await app.register(`poor${serial}`);
      device = await app.device(poor);
      const before = app.upstream.requests.length;
      const { id } = await ask('Poor words stay');
      await settled(id);
      const { conversations } = await device.ask('conversation:list', {});
      expect(conversations[0]?.title).to.equal('Poor words stay');
      expect(app.upstream.requests).to.have.length(before + 1);
    } finally {
      await app.rows(`UPDATE roles SET tokens_per_day = NULL WHERE name = 'user'`);
    }
    const { body } = await app.call<{ title: string }>(`/agent/conversations/${failed.id}`, {
      token: ada.token,
    });
    expect(body.title).to.equal('First words stay');
  });

  it('is read from whatever a model says', () => {
    for (const [reply, title] of [
      ['How rainbows form', 'How rainbows form'],
      ['"How rainbows form."\n\nIs that good?', 'How rainbows form'],
      ['**Title: Rainbows**', 'Rainbows'],
      ['标题：《彩虹的形成》', '彩虹的形成'],
      ['<think>Hm.\nA title</think>\n\nRainbows', 'Rainbows'],
      ['<think>Hm, cut off', null],
      [' \n""\n', null],
      [`${'彩'.repeat(80)}`, '彩'.repeat(60)],
    ] as [string, string | null][])
      expect(titleIn(reply), reply).to.equal(title);
  });
});
