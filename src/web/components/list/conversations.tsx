import { useRef } from 'preact/hooks';
import type { ConversationList, ListState } from '../../../client/index.js';
import { useApp, useChat } from '../../state/app.js';
import { IconButton } from '../controls/icon-button.js';
import { Icon } from '../controls/icons.js';
import { NearEnd } from '../controls/near-end.js';
import { keepFocus } from '../hooks/keep-focus.js';
import { SearchResults } from '../search/search-results.js';
import { ConversationGroup, ConversationGroups } from './groups.js';
import { onRowKey } from './row-focus.js';
import { useCurrentInSight } from './use-current-in-sight.js';

/** The conversations that the sidebar lists: all that are not archived, the results of a search, or the archive. */
export const Conversations = () => {
  const { inArchive } = useApp().screen;
  const { search } = useChat();
  const ref = useRef<HTMLDivElement>(null);
  useCurrentInSight(ref);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys go from link to link
    <div class="conversations" ref={ref} onKeyDown={onRowKey}>
      {search.state.value.query !== '' ? (
        <SearchResults />
      ) : inArchive.value ? (
        <Archive />
      ) : (
        <Active />
      )}
    </div>
  );
};

const Active = () => {
  const { preferences, screen } = useApp();
  const texts = preferences.texts.value;
  const { client, list, pinned } = useChat();
  const { conversations, loaded } = list.value;
  const showArchive = () => {
    client.archived.show();
    screen.inArchive.value = true;
    keepFocus(() => document.querySelector('.archive-top button'));
  };
  return (
    <>
      {!loaded && <ListSkeleton />}
      {loaded && conversations.length === 0 && <p class="list-empty">{texts.noConversations}</p>}
      <OpenNow />
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
        <button type="button" class="quiet-button to-archive" onClick={showArchive}>
          <Icon name="archive" />
          {texts.list.showArchived}
        </button>
      )}
    </>
  );
};

/** The shown conversation, if the list does not have it yet because it is older than the pages that were read. */
const OpenNow = () => {
  const { preferences, router } = useApp();
  const { list, pinned, opened } = useChat();
  const texts = preferences.texts.value.list;
  const open = opened.value;
  const isShown = open?.id === router.conversationId.value && list.value.loaded;
  if (open === null || !isShown || open.archived) return null;
  if ([list, pinned].some(({ value }) => value.conversations.some(({ id }) => id === open.id)))
    return null;
  return <ConversationGroup id="open" title={texts.openNow} items={[open]} />;
};

const Archive = () => {
  const { preferences, screen } = useApp();
  const texts = preferences.texts.value;
  const { client, archived } = useChat();
  const { conversations, loaded } = archived.value;
  return (
    <>
      <div class="archive-top">
        <IconButton
          icon="left"
          label={texts.list.back}
          onClick={() => {
            screen.inArchive.value = false;
            keepFocus(() => document.querySelector('.to-archive'));
          }}
        />
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

const More = ({ list, state }: { list: ConversationList; state: ListState }) => (
  <NearEnd
    hasMore={state.hasMore}
    loading={state.loading}
    failed={state.error !== null}
    count={state.conversations.length}
    onMore={() => list.more()}
  />
);

const ListSkeleton = () => (
  <div class="skeleton-list" aria-hidden="true">
    <span class="skeleton" />
    <span class="skeleton" />
    <span class="skeleton" />
  </div>
);
