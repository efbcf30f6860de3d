import type { ComponentChildren } from 'preact';
import type { Conversation } from '../../../contract/rest.js';
import type { SearchResult } from '../../../contract/search.js';
import { unmarked } from '../../markdown/unmarked.js';
import type { App } from '../../state/app.js';
import type { Chat } from '../../state/chat.js';
import type { SearchState } from '../../state/search.js';
import { hrefOf } from '../../state/view/route.js';
import type { IconName } from '../controls/icons.js';
import { marked } from '../search/marked.js';
import { type Command, pageCommands } from './commands.js';
import { conversationCommands } from './conversation-commands.js';
import { byStart, matches, rangesIn } from './matching.js';

/** A line of the palette. */
export interface Entry {
  key: string;
  icon: IconName;
  title: ComponentChildren;
  text?: ComponentChildren;
  keys?: readonly string[];
  run(): void;
}

export interface Section {
  title: string;
  entries: readonly Entry[];
}

const RECENT = 6;
const COMMANDS = 8;
const FOUND = 20;

/** The entries that the palette offers for a query; without one the usual commands and the last conversations. */
export function sectionsFor(app: App, chat: Chat, query: string, found: SearchState): Section[] {
  const { palette } = app.preferences.texts.value;
  const here = commandEntries(conversationCommands(app, chat), query);
  const page = commandEntries(pageCommands(app, chat), query);
  const known = conversationEntries(app, chat, query);
  const isRecent = query === '';
  const sections = [
    { title: palette.conversation, entries: here },
    { title: palette.page, entries: page },
    { title: palette.conversations, entries: known.entries },
    { title: palette.messages, entries: isRecent ? [] : foundEntries(app, found, known.ids) },
  ];
  return sections.filter(({ entries }) => entries.length > 0);
}

function commandEntries(commands: readonly Command[], query: string): Entry[] {
  const fitting =
    query === ''
      ? commands.filter(({ isRare = false }) => !isRare)
      : byStart(
          commands.filter(({ label }) => matches(label, query)),
          ({ label }) => label,
          query,
        ).slice(0, COMMANDS);
  return fitting.map(({ label, key = label, icon, keys, run }) => ({
    ...{ key: `do ${key}`, icon, title: marked(label, rangesIn(label, query)), run },
    ...(keys && { keys }),
  }));
}

/** Conversations of the list as far as it is loaded, which needs no request. */
function conversationEntries({ preferences, router }: App, { list }: Chat, query: string) {
  const { untitled } = preferences.texts.value;
  const titleOf = ({ title }: Conversation) => title || untitled;
  const current = router.conversationId.value;
  const fitting = list.value.conversations
    .filter((item) => item.id !== current && matches(titleOf(item), query))
    .slice(0, RECENT);
  const entries = fitting.map(
    (item): Entry => ({
      ...{ key: `go ${item.id}`, icon: 'chat' },
      title: marked(titleOf(item), rangesIn(titleOf(item), query)),
      run: () => router.go(item.id),
    }),
  );
  return { entries, ids: new Set(fitting.map(({ id }) => id)) };
}

function foundEntries(app: App, { results }: SearchState, shown: ReadonlySet<number>): Entry[] {
  const isNew = ({ message_id, conversation }: SearchResult) =>
    message_id !== null || !shown.has(conversation.id);
  return results
    .filter(isNew)
    .slice(0, FOUND)
    .map((result) => foundEntry(app, result));
}

function foundEntry({ preferences, router }: App, result: SearchResult): Entry {
  const texts = preferences.texts.value;
  const { conversation, message_id, role, snippet, highlights } = result;
  const title = conversation.title || texts.untitled;
  const go = {
    key: `found ${conversation.id} ${message_id}`,
    run: () => router.follow(hrefOf(conversation.id, message_id)),
  };
  if (message_id === null)
    return { ...go, icon: 'chat', title: marked(snippet || title, highlights) };
  const who = texts.list.said(role === 'user' ? texts.you : texts.assistant);
  return { ...go, icon: 'search', title, text: [who, ...marked(snippet, highlights, unmarked)] };
}
