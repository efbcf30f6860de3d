import { useApp } from '../state/app.js';
import { Icon } from './icons.js';

export const Notices = () => (
  <div class="notices" role="status" aria-live="polite">
    {useApp().notices.value.map(({ id, text }) => (
      <p class="notice" key={id}>
        <Icon name="alert" />
        {text}
      </p>
    ))}
  </div>
);
