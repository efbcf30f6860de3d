import { useSignal } from '@preact/signals';
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { LIMITS } from '../../../contract/limits.js';
import { useApp, useChat } from '../../state/app.js';
import { createSearch } from '../../state/search.js';
import { Icon } from '../controls/icons.js';
import { isComposing } from '../controls/is-composing.js';
import { type Entry, type Section, sectionsFor } from './entries.js';

/** Time from the last key to the request, so that typing does not send a request per letter. */
const PAUSE_MS = 200;

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  PageDown: (at, count) => Math.min(at + 8, count - 1),
  PageUp: (at) => Math.max(at - 8, 0),
};

/** Every action, conversation and message by typing: a box with a list, as the ARIA combobox pattern has it. */
export const PaletteDialog = ({ onClose }: { onClose(): void }) => {
  const app = useApp();
  const chat = useChat();
  const { palette } = app.preferences.texts.value;
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  const { query, at, search } = useQuery();
  useLayoutEffect(() => ref.current?.showModal(), []);
  const sections = sectionsFor(app, chat, query.value.trim(), search.state.value);
  const entries = sections.flatMap((section) => section.entries);
  const chosen = entries[Math.min(at.value, entries.length - 1)] ?? null;
  useLayoutEffect(() => showChosen(ref.current), [chosen?.key]);
  const run = (entry: Entry) => {
    // A command may open something, which then gets the focus.
    ref.current?.close();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const step = STEPS[event.key];
    if (step && entries.length > 0) {
      event.preventDefault();
      at.value = step(chosen ? entries.indexOf(chosen) : 0, entries.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (chosen) run(chosen);
    } else if (isToggle(event)) {
      event.preventDefault();
      ref.current?.close();
    }
  };
  const { loading, query: asked } = search.state.value;
  // Includes the pause before the request is sent.
  const isWaiting = loading || asked !== query.value.trim();
  return (
    <dialog
      ref={ref}
      class="dialog palette"
      aria-label={palette.title}
      onClose={onClose}
      closedby="any"
    >
      <div class="palette-box">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-label={palette.placeholder}
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={chosen ? optionId(id, chosen) : undefined}
          placeholder={palette.placeholder}
          autoComplete="off"
          spellcheck={false}
          enterkeyhint="go"
          maxLength={LIMITS.searchChars}
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
            at.value = 0;
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div class="palette-list" role="listbox" id={`${id}-list`} aria-label={palette.title}>
        {sections.map((section) => (
          <PaletteSection
            key={section.title}
            {...{ id, section, chosen, run }}
            onPoint={(entry) => {
              at.value = entries.indexOf(entry);
            }}
          />
        ))}
      </div>
      {entries.length === 0 && !isWaiting && (
        <p class="palette-empty">{palette.nothing(query.value.trim())}</p>
      )}
      <p class="visually-hidden" role="status">
        {query.value === '' || isWaiting ? '' : palette.count(entries.length)}
      </p>
    </dialog>
  );
};

/** The typed query, the chosen entry, and the results that come from the server a little later. */
function useQuery() {
  const { report } = useApp();
  const { client } = useChat();
  const query = useSignal('');
  const at = useSignal(0);
  const search = useMemo(() => createSearch(client, report), [client]);
  const wanted = query.value.trim();
  useEffect(() => {
    const timer = setTimeout(() => search.find(wanted), wanted === '' ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  return { query, at, search };
}

interface SectionProps {
  id: string;
  section: Section;
  chosen: Entry | null;
  run(entry: Entry): void;
  onPoint(entry: Entry): void;
}

const PaletteSection = ({ id, section, chosen, run, onPoint }: SectionProps) => {
  const label = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div role="group" aria-labelledby={label}>
      <div class="palette-title" id={label}>
        {section.title}
      </div>
      {section.entries.map((entry) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the box, which keeps the focus
        <div
          key={entry.key}
          class="palette-entry"
          role="option"
          tabIndex={-1}
          id={optionId(id, entry)}
          aria-selected={entry === chosen}
          // The box keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onPointerMove={() => onPoint(entry)}
          onClick={() => run(entry)}
        >
          <Icon name={entry.icon} />
          <span class="palette-words">
            <span class="palette-name" dir="auto">
              {entry.title}
            </span>
            {entry.text !== undefined && (
              <span class="palette-text" dir="auto">
                {entry.text}
              </span>
            )}
          </span>
          {entry.keys && (
            <span class="palette-keys" aria-hidden="true">
              {entry.keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </span>
          )}
        </div>
      ))}
    </div>
  );
};

/** Each entry keeps its id wherever it stands, so that screen readers notice when another one is chosen. */
const optionId = (id: string, { key }: Entry): string => `${id}-${encodeURIComponent(key)}`;

function showChosen(dialog: HTMLElement | null): void {
  dialog?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
}

const isToggle = (event: KeyboardEvent): boolean =>
  event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey;
