import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { LIMITS } from '../../../contract/limits.js';
import { useApp, useChat } from '../../state/app.js';
import { commandKey } from '../controls/command-key.js';
import { IconButton } from '../controls/icon-button.js';
import { Icon } from '../controls/icons.js';
import { isComposing } from '../controls/is-composing.js';

/** Time from the last key to the request, so that typing does not send a request per letter. */
const PAUSE_MS = 250;

export const SearchBox = () => {
  const { preferences, screen } = useApp();
  const texts = preferences.texts.value;
  const { search: box } = useChat();
  const text = useSignal('');
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const search = (value: string, pause: number) => {
    text.value = value;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => box.find(value.trim()), pause);
  };
  /** The button disappears with the text. */
  const clear = () => {
    search('', 0);
    document.getElementById('search')?.focus();
  };
  return (
    <search class="search">
      <Icon name="search" />
      <input
        id="search"
        type="text"
        enterkeyhint="search"
        aria-label={texts.searchLabel}
        placeholder={texts.searchPlaceholder}
        autoComplete="off"
        maxLength={LIMITS.searchChars}
        value={text.value}
        onInput={(event) => search(event.currentTarget.value, PAUSE_MS)}
        onKeyDown={(event) => {
          if (isComposing(event)) return;
          if (event.key === 'Escape' && text.value !== '') {
            // The key goes no further: the next one closes the list, or stops the answer.
            event.stopPropagation();
            search('', 0);
          }
          if (event.key === 'Enter') search(text.value, 0);
          if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('.result')?.focus();
        }}
      />
      {text.value === '' ? (
        <button
          type="button"
          class="palette-key"
          title={texts.palette.title}
          onClick={() => {
            screen.show('palette');
          }}
        >
          <span class="visually-hidden">{texts.palette.title}</span> <kbd>{commandKey()}</kbd>{' '}
          <kbd>K</kbd>
        </button>
      ) : (
        <IconButton icon="close" label={texts.clearSearch} onClick={clear} />
      )}
    </search>
  );
};
