import { useApp } from '../../state/app.js';
import { Icon } from './icons.js';

/** Shown in place of a part of the page that threw. */
export const BrokenPart = () => {
  const texts = useApp().preferences.texts.value;
  return (
    <div class="broken-part" role="alert">
      <Icon name="alert" />
      <p>{texts.broken}</p>
      <button type="button" class="plain-button" onClick={() => location.reload()}>
        {texts.reload}
      </button>
    </div>
  );
};
