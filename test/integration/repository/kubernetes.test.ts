import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { readText } from '../../support/markdown.js';
import { longestDrainSeconds, VARIABLES } from '../../support/settings.js';

describe('deploy/kubernetes.yaml', () => {
  interface Probe {
    httpGet: { path: string; port: string };
  }
  interface Container {
    env?: { name: string; value: string }[];
    ports: { name: string; containerPort: number }[];
    startupProbe: Probe;
    livenessProbe: Probe;
    readinessProbe: Probe;
    lifecycle: { preStop: { exec: { command: string[] } } };
  }
  interface Pods {
    metadata: { labels: Record<string, string> };
    spec: { terminationGracePeriodSeconds: number; containers: [Container] };
  }
  interface Resource {
    kind: string;
    spec: {
      selector: Record<string, unknown>;
      template: Pods;
      ports: { targetPort: string }[];
      sessionAffinity: string;
      maxUnavailable: number;
    };
  }

  let app: TestApp;
  let text: string;
  let all: Resource[];

  before(async () => {
    app = await startApp();
    text = await readText('deploy/kubernetes.yaml');
    all = parseAllDocuments(text).map((document) => {
      expect(document.errors).to.deep.equal([]);
      return document.toJS();
    });
  });

  after(() => app?.stop());

  const spec = (kind: string) => {
    const found = all.find((resource) => resource.kind === kind);
    if (!found) throw new Error(`no ${kind}`);
    return found.spec;
  };
  const pods = () => spec('Deployment').template;
  const container = () => pods().spec.containers[0];

  it('names only variables that exist', () => {
    const secrets = /contains ([A-Z_, and]+)\./.exec(text)?.[1]?.match(/[A-Z_]+/g) ?? [];
    expect(secrets.length).to.be.above(3);
    const set = container().env?.map(({ name }) => name) ?? [];
    expect(VARIABLES).to.include.members([...secrets, ...set]);
  });

  it('gives a node the time for its drain, after the time that proxies need', () => {
    const { command } = container().lifecycle.preStop.exec;
    const needed = Number(command[1]) + longestDrainSeconds();
    expect(pods().spec.terminationGracePeriodSeconds).to.be.above(needed);
  });

  it('asks paths that answer, and restarts no node for want of Postgres', async () => {
    const { startupProbe, livenessProbe, readinessProbe, ports } = container();
    expect(livenessProbe.httpGet.path).to.equal('/health/live');
    expect(readinessProbe.httpGet.path).to.equal('/health/ready');
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
      expect((await fetch(app.url + httpGet.path)).status, httpGet.path).to.equal(200);
      expect(ports.map(({ name }) => name)).to.include(httpGet.port);
    }
  });

  it('leads to the nodes, a polling client always to the same one, and takes them away one by one', () => {
    const { labels } = pods().metadata;
    expect(spec('Service')).to.deep.include({ selector: labels, sessionAffinity: 'ClientIP' });
    expect(container().ports.map(({ name }) => name)).to.include(
      spec('Service').ports[0]?.targetPort,
    );
    for (const kind of ['Deployment', 'PodDisruptionBudget']) {
      expect(spec(kind).selector, kind).to.deep.equal({ matchLabels: labels });
    }
    expect(spec('PodDisruptionBudget').maxUnavailable).to.equal(1);
  });
});
