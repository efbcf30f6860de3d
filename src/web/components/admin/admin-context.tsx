import { type ComponentChildren, createContext } from 'preact';
import { useContext, useId } from 'preact/hooks';
import { ParleyError } from '../../../client/index.js';
import type { AdminTexts } from '../../i18n/en/admin.js';
import type { Admin } from '../../state/admin/admin.js';
import { useApp } from '../../state/app.js';
import { useOutcomeIn } from '../hooks/use-outcome.js';

interface Shared {
  admin: Admin;
  texts: AdminTexts;
}

export const AdminContext = createContext<Shared | null>(null);

export function useAdmin(): Shared {
  const shared = useContext(AdminContext);
  if (shared === null) throw new Error('AdminContext is missing');
  return shared;
}

/** An error in words. */
export function useExplained(): (error: unknown) => string {
  const { explain } = useApp();
  const { texts } = useAdmin();
  return (error) => {
    const isRight = error instanceof ParleyError && error.code === 'forbidden';
    return isRight ? texts.notAllowed : explain(error);
  };
}

/** Runs one action after another, and says how they ended. */
export function useOutcome() {
  const { texts } = useAdmin();
  return useOutcomeIn(texts, useExplained());
}

interface SectionProps {
  title: string;
  hint: string;
  children: ComponentChildren;
}

export const AdminSection = ({ title, hint, children }: SectionProps) => {
  const id = useId();
  return (
    <section class="admin-section" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p class="admin-hint">{hint}</p>
      {children}
    </section>
  );
};
