import type { ExportFormat } from '../../../contract/export.js';
import { mayDelete, mayWrite } from '../../../contract/member-roles.js';
import type { Conversation } from '../../../contract/rest.js';
import { type App, useApp, useChat } from '../../state/app.js';
import type { Chat } from '../../state/chat.js';
import type { Said } from '../../state/view/explain.js';
import type { Renaming } from '../../state/view/screen.js';
import { download } from '../controls/download.js';
import type { MenuItem } from '../controls/menu.js';

type Name = 'rename' | 'settings' | 'pin' | 'archive' | 'print' | 'markdown' | 'json' | 'delete';

export type ConversationActions = Partial<Record<Name, MenuItem>>;

/** The actions on a conversation, the same in every menu. Actions that need another role are absent. */
export function useConversationActions(place: Renaming['place']) {
  const app = useApp();
  const chat = useChat();
  return (conversation: Conversation) => conversationActions(app, chat, conversation, place);
}

export function conversationActions(
  app: App,
  chat: Chat,
  conversation: Conversation,
  place: Renaming['place'],
): ConversationActions {
  const texts = app.preferences.texts.value;
  const { id, my_role } = conversation;
  const { screen } = app;
  const save = (format: ExportFormat, label: string): MenuItem => ({
    icon: 'down',
    label,
    run: () => download(id, format),
  });
  const change: ConversationActions = {
    rename: {
      icon: 'pencil',
      label: texts.rename,
      run: () => {
        screen.renaming.value = { conversationId: id, place };
      },
    },
    settings: {
      icon: 'sliders',
      label: texts.models.settings,
      run: () => {
        screen.configuring.value = id;
        screen.show('conversation');
      },
    },
  };
  return {
    ...(mayWrite(my_role) && change),
    ...marks(app, chat, conversation),
    print: {
      icon: 'print',
      label: texts.print.print,
      run: () => printConversation(app, id),
    },
    markdown: save('markdown', texts.imports.exportMarkdown),
    json: save('json', texts.imports.exportJson),
    ...(mayDelete(my_role) && { delete: removal(app, chat, id) }),
  };
}

/** Reads and prints all of it. */
export function printConversation({ screen }: App, id: number): void {
  screen.printing.value = id;
  screen.show('print');
}

const undoLabel: Said = ({ list }) => list.undo;

/** A conversation can be pinned only while it is not archived. */
function marks({ preferences, notify, report }: App, { client }: Chat, conversation: Conversation) {
  const { id, pinned, archived } = conversation;
  const texts = preferences.texts.value.list;
  const archive = (value: boolean) => client.update(id, { archived: value });
  const pin: MenuItem = {
    icon: 'pin',
    label: pinned ? texts.unpin : texts.pin,
    run: () => void client.update(id, { pinned: !pinned }).catch(report),
  };
  const putAway: MenuItem = {
    icon: 'archive',
    label: archived ? texts.unarchive : texts.archive,
    run: () => {
      const undo = { label: undoLabel, run: () => void archive(archived).catch(report) };
      void archive(!archived)
        .then(() => archived || notify(({ list }) => list.wasArchived, undo))
        .catch(report);
    },
  };
  return archived ? { archive: putAway } : { pin, archive: putAway };
}

/** Deletes the conversation, and offers to undo it. */
function removal({ preferences, router, notify, report }: App, { client }: Chat, id: number) {
  const { delete: label } = preferences.texts.value;
  const restore = () => {
    const show = () => router.go(id);
    void client.restore(id).then(show).catch(report);
  };
  const leave = () => {
    if (router.conversationId.value === id) router.replace(null);
    notify((texts) => texts.list.wasDeleted, { label: undoLabel, run: restore });
  };
  const item: MenuItem = {
    icon: 'trash',
    label,
    run: () => void client.delete(id).then(leave).catch(report),
  };
  return item;
}

const ORDER: readonly Name[] = [
  ...(['rename', 'settings', 'pin', 'archive', 'print', 'markdown', 'json', 'delete'] as const),
];

/** The actions of `names` that are there, in the order of all menus. */
export const itemsOf = (
  actions: ConversationActions,
  without: readonly Name[] = [],
): readonly MenuItem[] =>
  ORDER.flatMap((name) => {
    const item = actions[name];
    return item === undefined || without.includes(name) ? [] : [item];
  });
