import { expect } from 'chai';
import { Redis } from 'ioredis';
import { eventually } from '../../../lab/eventually.js';
import { fallBehind } from '../../../lab/models/fall-behind.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';

const told = (device: Device) => device.all('presence:changed').map(({ user_ids }) => user_ids);

for (const engine of ['memory', 'redis']) {
  describe(`presence on one node with the ${engine} engine`, () => {
    let redis: TestRedis;
    let admin: Redis;
    let app: TestApp;
    let ada: Account;
    let bob: Account;
    let id: number;

    before(async () => {
      redis = await startRedis();
      admin = new Redis(redis.port);
      app = await startApp(engine === 'redis' ? { REDIS_URL: redis.url } : {});
      [ada, bob] = [await app.register('ada'), await app.register('bob')];
    });
    after(async () => {
      admin.disconnect();
      await app.stop();
      await redis.stop();
    });
    beforeEach(async () => {
      const { conversation } = await (await app.device(ada)).ask('conversation:create', {});
      id = conversation.id;
      await app.rows(
        "INSERT INTO conversation_members (conversation_id, user_id, role) VALUES ($1, $2, 'editor')",
        [id, bob.id],
      );
    });

    const open = async (account: Account) => {
      const device = await app.device(account);
      const { presence } = await device.ask('conversation:open', { conversation_id: id });
      return { device, presence };
    };

    const both = async () => {
      const one = await open(ada);
      const other = await open(bob);
      await one.device.until('presence:changed');
      return { adas: one.device, bobs: other.device };
    };

    const hears = (device: Device, users: Account[]) =>
      device.until('presence:changed', ({ user_ids, conversation_id }) => {
        return conversation_id === id && String(user_ids) === String(users.map((u) => u.id));
      });

    it('is told in the answer to an opening, and to the others in an event', async () => {
      const first = await open(bob);
      expect(first.presence).to.deep.equal([bob.id]);
      const second = await open(ada);
      expect(second.presence).to.deep.equal([ada.id, bob.id]);
      await hears(first.device, [ada, bob]);
    });

    it('sends nothing to a user who is alone, on however many devices', async () => {
      const [one, two] = [await open(ada), await open(ada)];
      two.device.close();
      await one.device.ask('conversation:close', { conversation_id: id });
      const again = await one.device.ask('conversation:open', { conversation_id: id });
      expect(again.presence).to.deep.equal([ada.id]);
      expect([...told(one.device), ...told(two.device)]).to.deep.equal([]);
    });

    it('counts the devices of a user once, from the first that opens to the last that leaves', async () => {
      const { adas, bobs } = await both();
      const second = await open(bob);
      expect(second.presence).to.deep.equal([ada.id, bob.id]);
      await bobs.ask('conversation:close', { conversation_id: id });
      expect((await open(ada)).presence).to.deep.equal([ada.id, bob.id]);
      second.device.close();
      await hears(adas, [ada]);
      expect(told(adas)).to.deep.equal([[ada.id, bob.id], [ada.id]]);
    });

    it('ends with the session of a device that logs out', async () => {
      const eve = await app.register(`eve${id}`);
      await app.rows(
        "INSERT INTO conversation_members (conversation_id, user_id, role) VALUES ($1, $2, 'viewer')",
        [id, eve.id],
      );
      const { adas } = await both();
      await open(eve);
      await hears(adas, [ada, bob, eve]);
      await app.call('/auth/logout', { body: { refresh_token: eve.refreshToken } });
      await adas.until('presence:changed', () => told(adas).length === 3);
      expect(told(adas).at(-1)).to.deep.equal([ada.id, bob.id]);
    });

    it('begins with a message that a device sends to the conversation', async () => {
      app.upstream.script(answer('yes'));
      const { device } = await open(ada);
      const bobs = await app.device(bob);
      const message = { conversation_id: id, client_id: `c-${id}`, content: 'q' };
      const { assistant_message } = await bobs.ask('message:send', message);
      await hears(device, [ada, bob]);
      await bobs.ended(assistant_message.id);
    });

    it('does not end for a device that reads too slowly', async () => {
      const { adas, bobs } = await both();
      const held = app.upstream.next();
      const message = { conversation_id: id, client_id: `c-${id}`, content: 'q' };
      const { assistant_message } = await adas.ask('message:send', message);
      await fallBehind(app, held, adas, bobs);
      held.finish();
      await adas.ended(assistant_message.id);
      expect((await open(ada)).presence).to.deep.equal([ada.id, bob.id]);
      bobs.resume();
      await bobs.until('server:resync');
      const opened = await bobs.ask('conversation:open', { conversation_id: id });
      expect(opened.presence).to.deep.equal([ada.id, bob.id]);
      expect(told(adas)).to.deep.equal([[ada.id, bob.id]]);
      bobs.close();
      await hears(adas, [ada]);
    });

    it('does not begin for a device that may not open the conversation', async () => {
      const eve = await app.device(await app.register(`mallory${id}`));
      const { device } = await open(ada);
      await eve.emit('conversation:open', { conversation_id: id });
      const { presence } = await device.ask('conversation:open', { conversation_id: id });
      expect(presence).to.deep.equal([ada.id]);
    });

    if (engine === 'redis') {
      it('leaves nothing in Redis when the last device goes or the conversation is deleted', async () => {
        const [deployment] = await app.rows('SELECT id FROM deployment');
        const key = `parley:${deployment?.id}:presence:{${id}}`;
        const gone = () =>
          eventually(
            () => admin.exists(key),
            (count) => count === 0,
          );
        const { adas, bobs } = await both();
        expect(await admin.zcard(key)).to.equal(2);
        expect(await admin.pttl(key)).to.be.within(1, 30_000);
        bobs.close();
        await adas.ask('conversation:close', { conversation_id: id });
        await gone();
        await both();
        await adas.ask('conversation:delete', { conversation_id: id });
        await gone();
      });
    }
  });
}
