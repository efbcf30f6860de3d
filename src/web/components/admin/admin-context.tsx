import { useSignal } from '@preact/signals';
import { type ComponentChildren, createContext } from 'preact';
import { useContext, useId } from 'preact/hooks';
import { ParleyError } from '../../../client/index.js';
import type { AdminTexts } from '../../i18n/admin-en.js';
import type { Admin } from '../../state/admin.js';
import { useApp } from '../../state/app.js';

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

/** Runs one action at a time, and keeps its outcome in words. */
export function useOutcome() {
  const { explain } = useApp();
  const { texts } = useAdmin();
  const busy = useSignal(false);
  const done = useSignal<string | null>(null);
  const error = useSignal<string | null>(null);
  const act = async (work: () => Promise<unknown>, said: string | null = null) => {
    if (busy.value) return;
    busy.value = true;
    done.value = null;
    error.value = null;
    try {
      await work();
      done.value = said;
    } catch (reason) {
      const isRight = reason instanceof ParleyError && reason.code === 'forbidden';
      error.value = isRight ? texts.notAllowed : explain(reason);
    }
    busy.value = false;
  };
  return { busy, done, error, act };
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
