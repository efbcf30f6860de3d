import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { useApp } from '../../state/app.js';

interface Props {
  load(): Promise<ComponentType<{ onClose(): void }>>;
  onClose(): void;
}

/** Shows a part whose code is loaded with its first use. If that fails, it says so and closes. */
export const Later = ({ load, onClose }: Props) => {
  const { loadPart, notify } = useApp();
  const part = useSignal<{ Part: ComponentType<{ onClose(): void }> } | null>(null);
  useEffect(() => {
    let gone = false;
    loadPart(load).then(
      (Part) => {
        if (!gone) part.value = { Part };
      },
      () => {
        if (gone) return;
        notify((texts) => texts.notLoaded);
        onClose();
      },
    );
    return () => {
      gone = true;
    };
  }, []);
  if (part.value === null) return null;
  const { Part } = part.value;
  return <Part onClose={onClose} />;
};
