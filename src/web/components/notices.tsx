import { useApp } from '../state/app.js';
import { Icon } from './icons.js';

export const Notices = () => {
  const { notices, dismiss } = useApp();
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, action }) => (
        <p class="notice" key={id}>
          <Icon name={action ? 'check' : 'alert'} />
          {text}
          {action && (
            <button
              type="button"
              class="link-button"
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
        </p>
      ))}
    </div>
  );
};
