import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readText } from '../../support/markdown.js';
import { defaultOf, longestDrainSeconds, VARIABLES } from '../../support/settings.js';

describe('docker-compose.yml', () => {
  interface Service {
    image?: string;
    build?: string;
    environment: Record<string, string>;
    command?: string[];
    volumes?: string[];
    stop_grace_period?: string;
    healthcheck?: object;
    depends_on: string[] | Record<string, { condition: string }>;
  }

  let services: Record<string, Service>;
  let nodes: [string, Service][];

  before(async () => {
    services = parse(await readText('docker-compose.yml')).services;
    nodes = Object.entries(services).filter(([, { build }]) => build);
  });

  it('has three nodes, and a balancer that knows their addresses', () => {
    const port = defaultOf('PORT');
    const expected = nodes.map(([name], i) => [`NODE${i + 1}`, `${name}:${port}`]);
    expect(expected).to.have.length(3);
    expect(services.proxy?.environment).to.deep.equal(Object.fromEntries(expected));
    const [file = ''] = services.proxy?.volumes?.[0]?.split(':') ?? [];
    expect(existsSync(file), file).to.equal(true);
  });

  it('sets only variables that exist, the same for all nodes', () => {
    for (const [, { environment }] of nodes) {
      expect(VARIABLES).to.include.members(Object.keys(environment));
      expect(environment).to.deep.equal(nodes[0]?.[1].environment);
      expect(environment).to.include.keys('DATABASE_URL', 'REDIS_URL', 'TRUST_PROXY');
    }
  });

  it('passes on where traces go, so that .env decides', () => {
    const traces = VARIABLES.filter((name) => name.startsWith('OTEL_'));
    expect(traces).to.have.length.greaterThan(3);
    for (const [, { environment }] of nodes)
      for (const name of traces) expect(environment[name], name).to.equal(`\${${name}:-}`);
  });

  it('gives a node the time for its drain, and starts it when what it needs is well', () => {
    for (const [name, { stop_grace_period, depends_on }] of nodes) {
      expect(Number.parseInt(stop_grace_period ?? '', 10), name).to.be.above(longestDrainSeconds());
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(condition, needed).to.equal('service_healthy');
        expect(services[needed], needed).to.have.property('healthcheck');
      }
    }
  });

  it('runs a Redis that drops no key', () => {
    const command = services.redis?.command ?? [];
    expect(command[command.indexOf('--maxmemory-policy') + 1]).to.equal('noeviction');
  });
});
