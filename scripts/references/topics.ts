/** The groups of calls and events, in the order of the references. */
const TOPICS: readonly { name: string; text: string; calls?: RegExp; events?: RegExp }[] = [
  {
    name: 'Messages',
    text: 'Asking, answering, and the tree of messages.',
    calls: /^\/agent\/(chat|messages)/,
    events: /^(message|generation|answer):/,
  },
  {
    name: 'Conversations',
    text: 'The list, its marks, searching, and what a conversation shows live.',
    calls: /^\/agent\/(conversations|search)/,
    events: /^(conversation|read|presence|typing|members):/,
  },
  { name: 'Models', text: 'What can be asked.', calls: /^\/agent\/models/ },
  { name: 'OpenAI API', text: 'The calls that other programs know already.', calls: /^\/v1/ },
  {
    name: 'Imports',
    text: 'Conversations from files of other products.',
    calls: /^\/agent\/imports/,
    events: /^import:/,
  },
  { name: 'Logging in', text: 'Sessions and their tokens.', calls: /^\/auth/ },
  {
    name: 'Account',
    text: 'One’s own account and its devices.',
    calls: /^\/users\/me(?!\/(?:keys|webhooks))/,
  },
  { name: 'Keys', text: 'Programs that act for a user.', calls: /^\/users\/me\/keys/ },
  {
    name: 'Webhooks',
    text: 'Addresses that are told how answers ended.',
    calls: /^\/users\/me\/webhooks/,
  },
  { name: 'Administration', text: 'Accounts, roles, nodes.', calls: /^\/admin/ },
  {
    name: 'Connection',
    text: 'What a socket hears about itself, its node and its session.',
    events: /^(server|session):/,
  },
  { name: 'Service', text: 'The node itself.', calls: /^\// },
];

export const topics = (): { name: string; description: string }[] =>
  TOPICS.map(({ name, text }) => ({ name, description: text }));

/** @throws Error for a call or event without a topic */
function topicOf(what: string, kind: 'calls' | 'events'): string {
  const found = TOPICS.find((topic) => topic[kind]?.test(what));
  if (!found) throw new Error(`${what} has no topic: add one in scripts/references/topics.ts`);
  return found.name;
}

export const topicOfPath = (path: string): string => topicOf(path, 'calls');
export const topicOfEvent = (event: string): string => topicOf(event, 'events');
