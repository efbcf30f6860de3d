import type { ChatMessage } from '../../../client/index.js';
import { useApp, useChat } from '../../state/app.js';
import { IconButton } from '../controls/icon-button.js';
import { useAction } from '../hooks/use-action.js';

/** Arrows between a message and its siblings; nothing if it has none. */
export const Versions = ({ message }: { message: ChatMessage }) => {
  const texts = useApp().preferences.texts.value.branches;
  const { client } = useChat();
  const { busy, run } = useAction();
  const { id, sibling_ids } = message;
  const at = sibling_ids.indexOf(id);
  const count = sibling_ids.length;
  if (count < 2 || at < 0) return null;
  const go = (step: -1 | 1) => {
    const to = sibling_ids[at + step];
    if (to !== undefined)
      run(
        () => client.select(to),
        () => focusArrow(to, step),
      );
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div
      class="versions"
      role="group"
      data-message={id}
      aria-label={texts.versionLabel(at + 1, count)}
    >
      <IconButton
        icon="left"
        label={texts.previousVersion}
        disabled={busy || at === 0}
        onClick={() => go(-1)}
      />
      <span aria-hidden="true">{texts.versions(at + 1, count)}</span>
      <IconButton
        icon="right"
        label={texts.nextVersion}
        disabled={busy || at === count - 1}
        onClick={() => go(1)}
      />
    </div>
  );
};

/**
 * The pressed arrow disappears with its message, so the same arrow of the other message gets the focus once it is
 * shown.
 */
function focusArrow(messageId: number, step: -1 | 1): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const arrows = document.querySelectorAll<HTMLButtonElement>(
        `.versions[data-message="${messageId}"] button:not(:disabled)`,
      );
      const arrow = step < 0 ? arrows[0] : arrows[arrows.length - 1];
      if (document.activeElement === document.body) arrow?.focus();
    }),
  );
}
