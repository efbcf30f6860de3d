import { expect } from 'chai';
import { Webhook as Verifier } from 'standardwebhooks';
import { eventually } from '../../../lab/eventually.js';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import { type Receiver, respond, startReceiver } from '../../../lab/people/receiver.js';
import { type Account, callRest } from '../../../lab/people/rest.js';
import type { ChatResponse } from '../../../src/contract/rest.js';
import type { NewWebhook } from '../../../src/contract/webhooks.js';

/** Much longer than a poll, and much shorter than a lease. */
const SOON_MS = 15_000;

describe('What webhooks are told', () => {
  let cluster: Cluster;
  let receiver: Receiver;
  let ada: Account;
  let secret: string;

  beforeEach(async () => {
    receiver = await startReceiver();
    cluster = await startCluster({ nodes: 2, env: { WEBHOOK_ALLOW_PRIVATE: 'true' } });
    ada = await cluster.account('ada');
    const body = { url: receiver.url, events: ['answer.completed'] };
    const url = `${cluster.node(0).url}/users/me/webhooks`;
    const made = await callRest<NewWebhook>(url, { token: ada.token, body });
    secret = made.body.secret;
  });
  afterEach(async () => {
    await cluster.stop();
    await receiver.stop();
  });

  const ask = async (node: number) => {
    const url = `${cluster.node(node).url}/agent/chat`;
    const body = { message: 'go' };
    return (await callRest<ChatResponse>(url, { token: ada.token, body })).body.message_id;
  };
  const left = () =>
    eventually(
      () => cluster.rows('SELECT id FROM notifications UNION ALL SELECT 1 FROM webhook_deliveries'),
      (rows) => rows.length === 0,
    );

  it('arrives once more when the node dies that was telling it', async () => {
    // The node waits for this response when it is killed.
    receiver.script(() => {});
    const asked = ask(0);
    const [first] = await receiver.until(1);
    const messageId = await asked;
    await cluster.node(0).kill();
    // Saves waiting for the lease.
    await cluster.rows('UPDATE webhook_deliveries SET due_at = now()');
    const [, again] = await receiver.until(2);
    await left();
    expect(receiver.told).to.have.length(2);
    expect(again?.payload.data.message_id).to.equal(messageId);
    expect(again?.headers['webhook-id']).to.equal(first?.headers['webhook-id']);
    expect(again?.text).to.equal(first?.text);
    const headers = again?.headers as Record<string, string>;
    expect(new Verifier(secret).verify(again?.text ?? '', headers)).to.be.an('object');
  });

  it('is told by another node within seconds when the node dies with the end of an answer', async () => {
    // A node leaves this behind if it has stored the end and has begun nothing else.
    await cluster.rows(`
      CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN NEW.due_at := ''infinity''; RETURN NEW; END';
      CREATE TRIGGER hold BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION hold();`);
    const messageId = await ask(0);
    const held = await cluster.rows<{ message_id: string }>('SELECT message_id FROM notifications');
    expect(held.map((row) => Number(row.message_id))).to.deep.equal([messageId]);
    await cluster.node(0).kill();
    const began = performance.now();
    await cluster.rows('UPDATE notifications SET due_at = now()');
    const [told] = await receiver.until(1);
    expect((told?.at ?? Number.POSITIVE_INFINITY) - began).to.be.below(SOON_MS);
    await left();
    expect(receiver.told.map(({ payload }) => payload.data.message_id)).to.deep.equal([messageId]);
  });

  it('arrives though nodes, Redis and the receiver are away in turn', async () => {
    receiver.otherwise(respond(503));
    const messages = [await ask(0), await ask(1)];
    await receiver.until(2);
    await cluster.redis.kill();
    messages.push(await ask(0));
    await cluster.node(1).kill();
    await receiver.until(3);
    receiver.otherwise(respond(204));
    await cluster.rows('UPDATE webhook_deliveries SET due_at = now()');
    await left();
    const told = new Set(receiver.told.map(({ payload }) => payload.data.message_id));
    expect([...told]).to.have.members(messages);
    const ids = new Set(receiver.told.map(({ headers }) => headers['webhook-id']));
    expect(ids.size).to.equal(messages.length);
  });
});
