import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ConnectionState } from '../../../client/index.js';
import type { Texts } from '../../i18n/en.js';
import { useApp, useChat } from '../../state/app.js';
import { IconButton } from '../controls/icon-button.js';
import { keepFocus } from '../hooks/keep-focus.js';

/** Shorter interruptions are not shown. */
const PATIENCE_MS = 400;

export const ConnectionBanner = () => {
  const texts = useApp().preferences.texts.value;
  const { state } = useChat().connection.value;
  const shown = useSignal(false);
  const away = state !== 'online' && state !== 'ended';
  useEffect(() => {
    if (!away) {
      shown.value = false;
      return;
    }
    const timer = setTimeout(() => {
      shown.value = true;
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [away]);
  return (
    <div class="banner-place" role="status">
      {shown.value ? (
        <p class={`banner banner-${state}`}>
          <span class="banner-dot" />
          {bannerText(texts, state)}
        </p>
      ) : (
        <UpdateOffer />
      )}
    </div>
  );
};

/** The server has another build of the page. It is offered, never loaded by itself. */
const UpdateOffer = () => {
  const { update: texts } = useApp().preferences.texts.value;
  const { update, dismiss } = useChat().build;
  if (update.value === 'none') return null;
  const isNeeded = update.value === 'needed';
  const wait = () => {
    dismiss();
    keepFocus();
  };
  return (
    <div class="banner banner-update">
      <p>{isNeeded ? texts.needed : texts.ready}</p>
      <button type="button" class="link-button" onClick={() => location.reload()}>
        {texts.reload}
      </button>
      {!isNeeded && <IconButton icon="close" label={texts.later} onClick={wait} />}
    </div>
  );
};

function bannerText(texts: Texts, state: ConnectionState): string {
  if (state === 'offline') return texts.offline;
  return state === 'connecting' ? texts.connecting : texts.reconnecting;
}
