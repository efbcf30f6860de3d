import type { Conversation } from '../../contract/rest.js';
import { useApp, useChat } from '../state/app.js';
import { download } from './download.js';
import { Menu, type MenuItem } from './menu.js';

interface Props {
  conversation: Conversation;
  /** What has no button of its own where the window is narrow. */
  first: readonly MenuItem[];
  last: readonly MenuItem[];
}

/** What can be done with a conversation. */
export const ConversationMenu = ({ conversation, first, last }: Props) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value;
  const { id } = conversation;
  const { exportMarkdown, exportJson } = texts.imports;
  const save: MenuItem[] = [
    { icon: 'down', label: exportMarkdown, run: () => download(id, 'markdown') },
    { icon: 'down', label: exportJson, run: () => download(id, 'json') },
  ];
  const marks = useMarks(conversation);
  return <Menu label={texts.list.more} items={[...first, ...marks, ...save, ...last]} />;
};

function useMarks({ id, pinned, archived }: Conversation): MenuItem[] {
  const { preferences, notify, report } = useApp();
  const { client } = useChat();
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
      const undo = { label: texts.undo, run: () => void archive(archived).catch(report) };
      void archive(!archived)
        .then(() => archived || notify(texts.wasArchived, undo))
        .catch(report);
    },
  };
  return archived ? [putAway] : [pin, putAway];
}
