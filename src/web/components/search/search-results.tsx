import type { SearchResult } from '../../../contract/search.js';
import { unmarked } from '../../markdown/unmarked.js';
import { useApp, useChat } from '../../state/app.js';
import { hrefOf } from '../../state/view/route.js';
import { NearEnd } from '../controls/near-end.js';
import { marked } from './marked.js';

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

/** Goes through the links with the arrow keys, and from the first one back to the box. */
function onKeyDown(event: KeyboardEvent): void {
  const step = STEPS[event.key];
  const list = event.currentTarget;
  if (step === undefined || !(list instanceof HTMLElement)) return;
  event.preventDefault();
  const links = [...list.querySelectorAll('a')];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement) + step;
  const to = at < 0 ? document.getElementById('search') : links[at];
  to?.focus();
}

export const SearchResults = () => {
  const texts = useApp().preferences.texts.value;
  const { search, connection } = useChat();
  const { query, results, hasMore, loading, failed } = search.state.value;
  const whyNot = connection.value.state === 'online' ? texts.notLoaded : texts.saved.search;
  return (
    <section aria-label={texts.list.results} onKeyDown={onKeyDown}>
      <p class="visually-hidden" role="status">
        {loading || failed ? '' : texts.list.found(results.length, hasMore)}
      </p>
      {!loading && results.length === 0 && (
        <p class="list-empty">{failed ? whyNot : texts.noMatches(query)}</p>
      )}
      <ul class="results">
        {results.map((result) => (
          <Result key={`${result.conversation.id} ${result.message_id}`} result={result} />
        ))}
      </ul>
      <NearEnd
        {...{ hasMore, loading, failed }}
        count={results.length}
        onMore={() => search.more()}
      />
    </section>
  );
};

const Result = ({ result }: { result: SearchResult }) => {
  const { preferences, router } = useApp();
  const texts = preferences.texts.value;
  const { conversation, message_id, role, snippet, highlights } = result;
  const current =
    router.conversationId.value === conversation.id && router.messageId.value === message_id;
  const title = conversation.title || texts.untitled;
  return (
    <li>
      <a
        class="result"
        href={hrefOf(conversation.id, message_id)}
        {...(current ? { 'aria-current': 'page' as const } : {})}
      >
        <span class="result-title" dir="auto">
          {message_id === null ? marked(snippet || title, highlights) : title}
        </span>
        {message_id !== null && (
          <span class="result-text">
            <span class="result-role">
              {texts.list.said(role === 'user' ? texts.you : texts.assistant)}
            </span>
            {marked(snippet, highlights, unmarked)}
          </span>
        )}
      </a>
    </li>
  );
};
