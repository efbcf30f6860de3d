import { expect } from 'chai';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import { guess, guessInARow, statuses } from '../../lab/people/guesses.js';

const TRIES = 30;

describe('Guessing on three nodes', () => {
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster({ inside: true });
  });
  after(() => cluster?.stop());

  const urls = () => cluster.nodes.map(({ url }) => url);

  it('is counted together, while the sessions of the account go on on all of them', async () => {
    const ada = await cluster.account('ada');
    const devices = await Promise.all([0, 1, 2].map((node) => cluster.device(node, ada)));
    const answers = await guessInARow(urls(), TRIES, () => ({ email: ada.email }));
    expect(statuses(answers).filter((status) => status === 401)).to.have.length(5);
    for (const { status, body, headers } of answers.slice(-10)) {
      expect([status, body.code]).to.deep.equal([429, 'rate_limited']);
      expect(Number(headers.get('retry-after'))).to.be.above(0);
    }
    for (const device of devices) {
      expect(await device.ask('conversation:list', {})).to.have.property('conversations');
    }
    for (const url of urls()) expect((await guess(url, ada)).status).to.equal(429);
  });

  it('is counted by each node alone while Redis is away', async () => {
    const bob = await cluster.account('bob');
    await cluster.redis.kill();
    const answers = await guessInARow(urls(), 3 * TRIES, () => ({ email: bob.email }));
    expect(statuses(answers.slice(0, 15))).to.deep.equal(Array(15).fill(401));
    expect(statuses(answers.slice(15))).to.deep.equal(Array(3 * TRIES - 15).fill(429));
    await cluster.redis.start();
  });
});
