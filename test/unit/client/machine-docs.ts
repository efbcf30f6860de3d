import { readFileSync } from 'node:fs';
import type { Rules, Step } from '../../../src/client/machine.js';

/** An event as a machine may meet it; `before` is what the state remembers. */
export interface Scenario<S, E> {
  event: E;
  before?: Partial<S>;
}

/** All that a test tries: a state of every kind, and every event in one or more variants. */
export interface Product<S extends { at: string }, E extends { type: string }, F> {
  rules: Rules<S, E, F>;
  step(state: S, event: E): Step<S, F>;
  states: { [A in S['at']]: Extract<S, { at: A }> };
  scenarios: {
    [T in E['type']]: Record<string, Scenario<Record<string, unknown>, Extract<E, { type: T }>>>;
  };
  nameOf(effect: F): string;
}

interface Outcome<S, F> extends Step<S, F> {
  before: S;
  event: { type: string };
  row: string;
}

/** Every state × every scenario. */
export function outcomes<S extends { at: string }, E extends { type: string }, F>(
  product: Product<S, E, F>,
): Outcome<S, F>[] {
  const rows = Object.entries<Record<string, Scenario<Record<string, unknown>, E>>>(
    product.scenarios,
  ).flatMap(([type, variants]) =>
    Object.entries(variants).map(([name, { event, before = {} }]) => {
      return { row: name === '' ? `\`${type}\`` : `\`${type}\`, ${name}`, event, before };
    }),
  );
  return rows.flatMap(({ row, event, before }) =>
    Object.values<S>(product.states).map((state) => {
      const from = { ...state, ...before };
      return { row, event, before: from, ...product.step(from, event) };
    }),
  );
}

/** Formats a cell as the tables of the architecture page do. */
export function cellOf<S extends { at: string }, F>(
  { before, state, effects }: Outcome<S, F>,
  nameOf: (effect: F) => string,
): string {
  const to = state.at === before.at ? '' : state.at;
  if (effects.length > 0) return `${to} / ${effects.map(nameOf).join(', ')}`.trim();
  if (to !== '') return to;
  return state === before ? '·' : 'noted';
}

/** The table of a section of the architecture page, by row and column. */
export function documentedTable(section: string): Record<string, Record<string, string>> {
  const [head = [], , ...rows] = sectionOf(section)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  const columns = head.slice(1);
  return Object.fromEntries(
    rows.map(([name = '', ...cells]) => [
      name,
      Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ''])),
    ]),
  );
}

/** The arrows of the section's diagram, as `from --> to: event`; those of a group are those of all in it. */
export function documentedArrows(section: string): string[] {
  const text = /```mermaid\n([\s\S]*?)```/.exec(sectionOf(section))?.[1] ?? '';
  const groups = new Map(
    [...text.matchAll(/state (\w+) \{([^}]*)\}/g)].map(([, group = '', inner = '']) => [
      group,
      [...new Set(inner.match(/\w+(?= -->)|(?<=--> )\w+/g))],
    ]),
  );
  const arrows = [...text.matchAll(/(\w+) --> (\w+): (.+)/g)].flatMap(
    ([, from = '', to, on = '']) =>
      (groups.get(from) ?? [from])
        .filter((each) => each !== to)
        .flatMap((each) => on.split(', ').map((event) => `${each} --> ${to}: ${event}`)),
  );
  return [...new Set(arrows)].sort();
}

/** The same of a machine. */
export const arrowsOf = (all: readonly Outcome<{ at: string }, unknown>[]): string[] => {
  const moves = all.filter(({ before, state }) => before.at !== state.at);
  const arrows = moves.map(({ before, state, event }) => {
    return `${before.at} --> ${state.at}: ${event.type}`;
  });
  return [...new Set(arrows)].sort();
};

function sectionOf(heading: string): string {
  const page = readFileSync(new URL('../../../docs/architecture.md', import.meta.url), 'utf8');
  const [, text = ''] = page.split(`\n### ${heading}\n`);
  return text.split(/\n##+ /)[0] ?? '';
}
