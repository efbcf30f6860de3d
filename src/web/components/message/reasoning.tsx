import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatMessage } from '../../../client/index.js';
import { useApp } from '../../state/app.js';
import { PlainText } from '../text/plain-text.js';

/** The model's reasoning, folded. Its text is shown only while it is unfolded, because it may be long. */
export const Reasoning = ({ message }: { message: ChatMessage }) => {
  const texts = useApp().preferences.texts.value.reasoning;
  const [open, setOpen] = useState(false);
  const reasons = message.status === 'streaming' && message.content === '';
  const watched = useSeconds(reasons);
  if (message.reasoning === null) return null;
  const seconds =
    message.reasoning_ms === null ? watched : Math.max(1, Math.round(message.reasoning_ms / 1_000));
  return (
    <details class="reasoning" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{reasons ? texts.reasons(watched) : texts.reasoned(seconds)}</summary>
      {open && <PlainText text={message.reasoning} />}
    </details>
  );
};

/** The seconds for which the reasoning has been running here, counted up; null if it was never seen to run. */
function useSeconds(running: boolean): number | null {
  const since = useRef<number | null>(null);
  const [seconds, setSeconds] = useState<number | null>(null);
  useEffect(() => {
    if (!running) return;
    since.current ??= performance.now();
    const began = since.current;
    const count = () => setSeconds(Math.max(1, Math.round((performance.now() - began) / 1_000)));
    count();
    const timer = setInterval(count, 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return seconds;
}
