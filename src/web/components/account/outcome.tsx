import { Icon } from '../controls/icons.js';

/** Reports that something was done, to screen readers too. */
export const Outcome = ({ text }: { text: string | null }) => (
  <div class="outcome" role="status">
    {text !== null && (
      <p>
        <Icon name="check" />
        {text}
      </p>
    )}
  </div>
);
