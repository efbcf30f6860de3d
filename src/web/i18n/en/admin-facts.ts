import type { Setting } from '../../../contract/admin.js';

const groups: Record<Setting['group'], string> = {
  node: 'Node',
  tokens: 'Login and cookies',
  stores: 'Postgres and Redis',
  model: 'Model',
  answers: 'Answers',
  limits: 'Limits',
  traces: 'Traces',
};

/** Usage, the queue, and the settings. */
export const adminFactsEn = {
  sections: {
    overview: 'Overview',
    people: 'People',
    roles: 'Roles',
    usage: 'Usage',
    audit: 'Audit log',
    settings: 'Settings',
  },
  usage: {
    byDay: 'By day',
    byDayHint: 'Tokens of everyone together. Days are in UTC.',
    byModel: 'By model',
    byModelHint: 'This month, most tokens first.',
    byUser: 'By person',
    byUserHint: 'This month, most tokens first; at most 100 people.',
    none: 'No usage yet.',
    model: 'Model',
    person: 'Person',
    today: 'Today',
    month: 'This month',
    tokens: (count: number, shown: string) => (count === 1 ? '1 token' : `${shown} tokens`),
  },
  queue: {
    title: 'Queue',
    hint: 'Answers on all nodes, right now.',
    running: 'Running',
    waiting: 'Waiting',
    oldest: 'Longest wait',
    seconds: (count: string) => `${count} s`,
    idle: 'No answer is running or waiting.',
    people: 'By person',
    ofPerson: (running: number, waiting: number) => `${running} running, ${waiting} waiting`,
  },
  nodes: {
    started: (when: string) => `started ${when}`,
    beat: (when: string) => `last heard ${when}`,
    load: (running: string) => `${running} running`,
  },
  settings: {
    title: 'Settings',
    hint: 'In force on the node that replied. Change them in its environment; they take effect when it starts again.',
    search: 'Search settings',
    onlySet: 'Only what is set',
    none: 'No setting found.',
    groups,
    isSet: 'Set',
    notSet: 'Not set',
    fromEnvironment: 'From the environment',
    standard: (value: string) => `default ${value}`,
    units: {
      s: 's',
      min: 'min',
      days: 'days',
      bytes: 'bytes',
      tokens: 'tokens',
      'tokens/min': 'tokens/min',
    } as Record<string, string>,
  },
};

export type AdminFactsTexts = typeof adminFactsEn;
