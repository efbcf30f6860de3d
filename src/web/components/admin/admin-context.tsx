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

/** An error in words. */
export function useExplained(): (error: unknown) => string {
  const { explain } = useApp();
  const { texts } = useAdmin();
  return (error) => {
    const isRight = error instanceof ParleyError && error.code === 'forbidden';
    return isRight ? texts.notAllowed : explain(error);
  };
}

/** A conflict says more here than elsewhere. */
export const explained =
  (said: string) =>
  (error: unknown): never => {
    if (!(error instanceof ParleyError) || error.code !== 'conflict') throw error;
    throw new ParleyError({ code: 'conflict', message: said, retryable: false, reason: 'told' });
  };

/** Runs one action at a time, and keeps its outcome in words. `act` resolves to whether it was done. */
export function useOutcome() {
  const explain = useExplained();
  const busy = useSignal(false);
  const done = useSignal<string | null>(null);
  const error = useSignal<string | null>(null);
  const act = async (
    work: () => Promise<unknown>,
    said: string | null = null,
  ): Promise<boolean> => {
    if (busy.value) return false;
    busy.value = true;
    done.value = null;
    error.value = null;
    try {
      await work();
      done.value = said;
    } catch (reason) {
      error.value = explain(reason);
    }
    busy.value = false;
    return error.value === null;
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
