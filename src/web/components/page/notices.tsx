import { useApp } from '../../state/app.js';
import { Icon } from '../controls/icons.js';

export const Notices = () => {
  const { notices, dismiss, preferences } = useApp();
  const texts = preferences.texts.value;
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, say, action }) => (
        <p class="notice" key={id}>
          <Icon name={action ? 'check' : 'alert'} />
          {say(texts)}
          {action && (
            <button
              type="button"
              class="link-button"
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label(texts)}
            </button>
          )}
        </p>
      ))}
    </div>
  );
};
