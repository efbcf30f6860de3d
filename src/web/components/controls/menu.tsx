import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from './icons.js';
import { placeBeside } from './place-beside.js';

export interface MenuItem {
  icon: IconName;
  label: string;
  run(): void;
}

interface Props {
  label: string;
  /** A function if they are needed only once it opens. */
  items: readonly MenuItem[] | (() => readonly MenuItem[]);
  icon?: IconName;
  disabled?: boolean;
}

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** A button that opens a menu, with the keys of the ARIA menu pattern. */
export const Menu = ({ label, items, icon = 'more', disabled = false }: Props) => {
  const open = useSignal(false);
  const id = useId();
  const ref = useRef<HTMLDivElement>(null);
  const close = (refocus: boolean) => {
    open.value = false;
    if (refocus) ref.current?.querySelector('button')?.focus();
  };
  const entries = () => [...(ref.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  // Runs before the next key arrives.
  useLayoutEffect(() => {
    const [button, menu] = [...(ref.current?.children ?? [])];
    if (!open.value || !(button instanceof HTMLElement) || !(menu instanceof HTMLElement)) return;
    placeBeside(menu, button);
    entries()[0]?.focus({ preventScroll: true });
    return whenLeft(ref.current, menu, () => close(false));
  }, [open.value]);
  const onMenuKey = (event: KeyboardEvent) => {
    const all = entries();
    const step = STEPS[event.key];
    if (event.key === 'Escape') {
      event.stopPropagation();
      close(true);
    } else if (event.key === 'Tab') close(false);
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
        aria-controls={open.value ? id : undefined}
        aria-label={label}
        title={label}
        disabled={disabled}
        onClick={() => {
          open.value = !open.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' || open.value) return;
          event.preventDefault();
          open.value = true;
        }}
      >
        <Icon name={icon} />
      </button>
      {open.value && (
        <div class="menu" role="menu" id={id} aria-label={label} onKeyDown={onMenuKey}>
          {(typeof items === 'function' ? items() : items).map((item, place) => (
            // Another language makes no other items: the focus stays.
            <button
              key={place}
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
              <span>{item.label}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
};

/** Calls back when the user presses elsewhere, or when `place` moves. Returns what ends it. */
function whenLeft(place: HTMLElement | null, menu: HTMLElement, left: () => void): () => void {
  const pressed = ({ target }: Event) => {
    if (!place?.contains(target as Node)) left();
  };
  const scrolled = ({ target }: Event) => {
    // An answer that is written scrolls its thread, and the menu of a row or a header does not move.
    if (target !== menu && place !== null && target instanceof Node && target.contains(place))
      left();
  };
  addEventListener('pointerdown', pressed);
  addEventListener('scroll', scrolled, true);
  addEventListener('resize', left);
  return () => {
    removeEventListener('pointerdown', pressed);
    removeEventListener('scroll', scrolled, true);
    removeEventListener('resize', left);
  };
}
