import { useSignal } from '@preact/signals';
import type { ConversationList, ListState } from '../../client/index.js';
import { useApp, useChat } from '../state/app.js';
import { ConversationGroup, ConversationGroups } from './conversation-groups.js';
import { IconButton } from './icon-button.js';
import { Icon } from './icons.js';
import { SearchResults } from './search-results.js';

/** What the sidebar lists: all that is not archived, what a search found, or the archive. */
export const Conversations = () => {
  const { client, search } = useChat();
  const inArchive = useSignal(false);
  return (
    <div class="conversations">
      {search.state.value.query !== '' ? (
        <SearchResults />
      ) : inArchive.value ? (
        <Archive
          onBack={() => {
            inArchive.value = false;
          }}
        />
      ) : (
        <Active
          onArchive={() => {
            client.archived.show();
            inArchive.value = true;
          }}
        />
      )}
    </div>
  );
};

const Active = ({ onArchive }: { onArchive(): void }) => {
  const texts = useApp().preferences.texts.value;
  const { client, list, pinned } = useChat();
  const { conversations, loaded } = list.value;
  return (
    <>
      {!loaded && <ListSkeleton />}
      {loaded && conversations.length === 0 && <p class="list-empty">{texts.noConversations}</p>}
      {pinned.value.conversations.length > 0 && (
        <>
          <ConversationGroup
            id="pinned"
            title={texts.list.pinned}
            items={pinned.value.conversations}
          />
          <More list={client.pinned} state={pinned.value} />
        </>
      )}
      <ConversationGroups conversations={conversations.filter((item) => !item.pinned)} />
      <More list={client.list} state={list.value} />
      {loaded && (
        <button type="button" class="quiet-button to-archive" onClick={onArchive}>
          <Icon name="archive" />
          {texts.list.showArchived}
        </button>
      )}
    </>
  );
};

const Archive = ({ onBack }: { onBack(): void }) => {
  const texts = useApp().preferences.texts.value;
  const { client, archived } = useChat();
  const { conversations, loaded } = archived.value;
  return (
    <>
      <div class="archive-top">
        <IconButton icon="left" label={texts.list.back} onClick={onBack} />
        <h2>{texts.list.archived}</h2>
      </div>
      {!loaded && <ListSkeleton />}
      {loaded && conversations.length === 0 && (
        <p class="list-empty">{texts.list.nothingArchived}</p>
      )}
      <ConversationGroups conversations={conversations} />
      <More list={client.archived} state={archived.value} />
    </>
  );
};

const More = ({ list, state }: { list: ConversationList; state: ListState }) => {
  const texts = useApp().preferences.texts.value;
  if (!state.hasMore) return null;
  return (
    <button
      type="button"
      class="quiet-button load-more"
      disabled={state.loading}
      onClick={() => list.more()}
    >
      {texts.loadMore}
    </button>
  );
};

const ListSkeleton = () => (
  <div class="skeleton-list" aria-hidden="true">
    <span class="skeleton" />
    <span class="skeleton" />
    <span class="skeleton" />
  </div>
);
