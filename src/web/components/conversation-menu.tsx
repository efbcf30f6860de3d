import type { Conversation } from '../../contract/rest.js';
import { useApp, useChat } from '../state/app.js';
import { download } from './download.js';
import { Menu, type MenuItem } from './menu.js';

/** What can be done with a conversation besides renaming and deleting it. */
export const ConversationMenu = ({ conversation }: { conversation: Conversation }) => {
  const { preferences, notify, report } = useApp();
  const { client } = useChat();
  const texts = preferences.texts.value.list;
  const { id, pinned, archived } = conversation;
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
      const undo = { label: texts.undo, run: () => void archive(archived).catch(report) };
      void archive(!archived)
        .then(() => archived || notify(texts.wasArchived, undo))
        .catch(report);
    },
  };
  const { exportMarkdown, exportJson } = preferences.texts.value.imports;
  const save: MenuItem[] = [
    { icon: 'down', label: exportMarkdown, run: () => download(id, 'markdown') },
    { icon: 'down', label: exportJson, run: () => download(id, 'json') },
  ];
  return <Menu label={texts.more} items={[...(archived ? [] : [pin]), putAway, ...save]} />;
};
