import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Said } from '../../state/view/explain.js';
import { FormProblem } from '../controls/form-problem.js';
import { ShownOnce } from '../controls/shown-once.js';
import { AccountSection } from './account-section.js';
import { Outcome } from './outcome.js';
import { useAct } from './use-act.js';

export interface RowControls {
  disabled: boolean;
  onRemove(): void;
}

/** How a form for a new item ends. */
export interface FormSteps<Made> {
  onCancel(): void;
  onMade(made: Made): void;
}

interface Props<Item, Made> {
  texts: { title: string; create: string; shownOnce: string };
  hint: ComponentChildren;
  items: readonly Item[];
  row(item: Item, controls: RowControls): ComponentChildren;
  remove(item: Item): Promise<void>;
  removed(item: Item): Said;
  /** The form for a new one. */
  form(steps: FormSteps<Made>): ComponentChildren;
  secret: { label: string; of(made: Made): string };
}

/**
 * Things with a secret each, such as keys. The secret of a new one is shown until another is made or the dialog is
 * closed.
 */
export function SecretSection<Item extends { id: string }, Made extends { id: string }>({
  texts,
  hint,
  items,
  row,
  remove,
  removed,
  form,
  secret,
}: Props<Item, Made>) {
  const { busy, done, error, act } = useAct();
  const open = useSignal(false);
  const made = useSignal<Made | null>(null);
  const show = (isOpen: boolean, shown: Made | null) => {
    open.value = isOpen;
    made.value = shown;
  };
  const removeOne = async (item: Item) => {
    await remove(item);
    if (made.value?.id === item.id) made.value = null;
  };
  return (
    <AccountSection
      title={texts.title}
      hint={hint}
      action={
        !open.value && (
          <button type="button" class="plain-button" onClick={() => show(true, null)}>
            {texts.create}
          </button>
        )
      }
    >
      {open.value && form({ onCancel: () => show(false, null), onMade: (one) => show(false, one) })}
      {made.value && (
        <ShownOnce label={secret.label} hint={texts.shownOnce} value={secret.of(made.value)} />
      )}
      <FormProblem text={error} />
      {items.length > 0 && (
        <ul class="devices">
          {items.map((item) =>
            row(item, {
              disabled: busy.value,
              onRemove: () => void act(() => removeOne(item), removed(item)),
            }),
          )}
        </ul>
      )}
      <Outcome text={done} />
    </AccountSection>
  );
}
