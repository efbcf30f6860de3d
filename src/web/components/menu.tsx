import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from './icons.js';

export interface MenuItem {
  icon: IconName;
  label: string;
  run(): void;
}

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** A button that opens a menu, with the keys of the ARIA menu pattern. */
export const Menu = ({ label, items }: { label: string; items: readonly MenuItem[] }) => {
  const open = useSignal(false);
  const id = useId();
  const ref = useRef<HTMLDivElement>(null);
  const close = (refocus: boolean) => {
    open.value = false;
    if (refocus) ref.current?.querySelector('button')?.focus();
  };
  const entries = () => [...(ref.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  // Before the next key arrives.
  useLayoutEffect(() => {
    if (!open.value) return;
    entries()[0]?.focus();
    const pressed = ({ target }: PointerEvent) => {
      if (!ref.current?.contains(target as Node)) close(false);
    };
    addEventListener('pointerdown', pressed);
    return () => removeEventListener('pointerdown', pressed);
  }, [open.value]);
  const onKeyDown = (event: KeyboardEvent) => {
    const all = entries();
    const step = STEPS[event.key];
    if (event.key === 'Escape') close(true);
    else if (event.key === 'Tab') close(false);
    else if (step) {
      event.preventDefault();
      all[step(all.indexOf(document.activeElement as HTMLElement), all.length)]?.focus();
    }
  };
  return (
    <div class="menu-place" ref={ref}>
      <button
        type="button"
        class="icon-button"
        aria-haspopup="menu"
        aria-expanded={open.value}
        aria-controls={id}
        aria-label={label}
        title={label}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <Icon name="more" />
      </button>
      {open.value && (
        <div class="menu" role="menu" id={id} aria-label={label} onKeyDown={onKeyDown}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              class="menu-item"
              tabIndex={-1}
              onClick={() => {
                close(true);
                item.run();
              }}
            >
              <Icon name={item.icon} />
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
};
