import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Message } from '../../../contract/rest.js';
import { shortTime } from '../../i18n/formats.js';
import type { Formatting } from '../../markdown/formatting.js';
import { langOf } from '../../markdown/lang-of.js';
import { displayable } from '../../markdown/plain-text.js';
import { endingOf } from '../../state/answers/answer-ending.js';
import type { WholeBranch } from '../../state/answers/whole-branch.js';
import { useApp, useChat } from '../../state/app.js';
import { findConversation } from '../../state/find-conversation.js';
import { Guard } from '../controls/guard.js';
import { keepFocus } from '../hooks/keep-focus.js';
import { Markdown } from '../text/markdown.js';
import { PlainText } from '../text/plain-text.js';
import { settled } from './settled.js';

interface Props {
  conversationId: number;
  branch: WholeBranch;
  onPrinted(): void;
}

/** The sheet that is printed: out of view on the screen, alone on paper. */
export const PrintSheet = ({ conversationId, branch, onPrinted }: Props) => {
  const { preferences, formatting } = useApp();
  const texts = preferences.texts.value;
  const ref = useRef<HTMLDivElement>(null);
  const { messages, isCut } = branch;
  const title = findConversation(useChat(), conversationId)?.title || texts.untitled;
  const date = new Intl.DateTimeFormat(preferences.language.value, { dateStyle: 'long' });
  useEffect(() => {
    let gone = false;
    // The focused element is not shown while the sheet is printed.
    const ended = () => {
      onPrinted();
      keepFocus();
    };
    addEventListener('afterprint', ended, { once: true });
    if (ref.current !== null)
      void settled(ref.current, { loaded: () => loadedIn(formatting) }).then(() => {
        if (!gone) print();
      });
    return () => {
      gone = true;
      removeEventListener('afterprint', ended);
    };
  }, []);
  return (
    <div class="print-sheet" aria-hidden="true" inert ref={ref}>
      <h1 dir="auto" lang={langOf(title)}>
        {title}
      </h1>
      <p class="print-note">{texts.print.printed(date.format(new Date()), messages.length)}</p>
      {isCut && <p class="print-note">{texts.print.cut(messages.length)}</p>}
      {messages.map((message) => (
        <PrintedMessage key={message.id} message={message} />
      ))}
    </div>
  );
};

/** As `Formatting.loaded`, also while the formatting itself is being loaded. */
async function loadedIn(formatting: ReadonlySignal<Formatting | null>): Promise<boolean> {
  const there = formatting.peek();
  if (there !== null) return there.loaded();
  await new Promise<void>((resolve) => {
    const stop = formatting.subscribe((value) => {
      if (value === null) return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
  return true;
}

const PrintedMessage = ({ message }: { message: Message }) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value;
  const live = useLiveText(message);
  const { role, author, content } = live;
  const who = role === 'assistant' ? texts.assistant : (author?.username ?? texts.you);
  const ending = role === 'assistant' ? endingOf(live, texts) : null;
  return (
    <article class={`printed printed-${role}`}>
      <h2>
        {who}
        <time dateTime={message.created_at}>
          {shortTime(message.completed_at ?? message.created_at, preferences.language.value)}
        </time>
      </h2>
      {role === 'assistant' ? (
        <Guard fallback={<PlainText text={content} />}>
          <Markdown text={content} done={true} />
        </Guard>
      ) : (
        <div class="plain-text" dir="auto" lang={langOf(content)}>
          {displayable(content)}
        </div>
      )}
      {ending && <p class="print-note">{[ending.title, ending.text].filter(Boolean).join(' ')}</p>}
    </article>
  );
};

/** An answer that runs is printed as far as it is shown. */
function useLiveText(message: Message): Message {
  const open = useChat().conversation.peek();
  const isLive = message.status === 'queued' || message.status === 'streaming';
  return (isLive && open?.messages.find(({ id }) => id === message.id)) || message;
}
