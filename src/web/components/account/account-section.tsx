import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Props {
  title: string;
  hint: ComponentChildren;
  /** Shown beside the title. */
  action?: ComponentChildren;
  children?: ComponentChildren;
}

export const AccountSection = ({ title, hint, action, children }: Props) => {
  const id = useId();
  return (
    <section class="account-section" aria-labelledby={id}>
      <div class="account-section-head">
        <div>
          <h3 id={id}>{title}</h3>
          <p class="account-hint">{hint}</p>
        </div>
        {action}
      </div>
      {children}
    </section>
  );
};
