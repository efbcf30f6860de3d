import { expect } from 'chai';
import { isClean } from '../../../../soak/report.js';
import { soak } from '../../../../soak/soak.js';

describe('A soak of some seconds', () => {
  it('loses, doubles and changes nothing', async function () {
    this.timeout(180_000);
    // This seed restarts Postgres, freezes Redis and kills a node during the run.
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    const result = await soak({ seed: 300, users: 4, ms: 12_000, say });
    const { findings, counts } = result.ledger;
    expect(findings, lines.join('\n')).to.deep.equal([]);
    expect(isClean(result), lines.join('\n')).to.equal(true);
    expect(counts.acknowledged).to.be.greaterThan(5);
    expect(counts.completed).to.be.greaterThan(5);
    expect(result.scene.journal.entries.length).to.be.greaterThan(0);
  });
});
