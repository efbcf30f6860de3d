import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { copyText } from '../../copy-text.js';
import { useApp } from '../../state/app.js';
import { Icon } from './icons.js';

const SHOWN_MS = 1_600;

export const CopyButton = ({ label, text }: { label: string; text(): string }) => {
  const texts = useApp().preferences.texts.value;
  const copied = useSignal(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    copied.value = await copyText(text());
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      copied.value = false;
    }, SHOWN_MS);
  };
  return (
    <button
      type="button"
      class="copy-button"
      aria-label={copied.value ? texts.copied : label}
      onClick={() => void copy()}
    >
      <Icon name={copied.value ? 'check' : 'copy'} />
      <span aria-live="polite">{copied.value ? texts.copied : texts.copy}</span>
    </button>
  );
};
