import type { Drawer } from '../../state/view/drawer.js';

/** A finger that has moved this far has a direction. */
const DECIDED_PX = 10;
/** A swipe has to be this many times as wide as high. */
const FLAT = 1.4;
/** Past this part of the way, or faster than this, it goes on by itself. */
const PART = 0.4;
const PX_PER_MS = 0.35;
/** The history takes a moment to close the drawer. */
const HELD_MS = 400;

interface Finger {
  id: number;
  x: number;
  y: number;
  at: number;
  /** How wide the drawer is, once it is known that the finger moves along its way. */
  width: number | null;
}

/** One finger that moves the drawer, from the edge at which lines begin. */
export class DrawerSwipe {
  readonly #root: HTMLElement;
  readonly #drawer: Drawer;
  #finger: Finger | null = null;

  constructor(root: HTMLElement, drawer: Drawer) {
    this.#root = root;
    this.#drawer = drawer;
  }

  take(event: PointerEvent): void {
    if (event.type === 'pointerdown') this.#begin(event);
    else if (this.#finger?.id !== event.pointerId) return;
    else if (event.type === 'pointermove') this.#move(event, this.#finger);
    else if (event.type === 'pointerup') this.#end(event, this.#finger);
    else this.release();
  }

  /** The drawer has opened or closed. */
  settle(): void {
    if (this.#finger === null) this.release();
  }

  /** Leaves the drawer where it belongs. */
  release(): void {
    this.#finger = null;
    delete this.#root.dataset.drag;
  }

  #begin(event: PointerEvent): void {
    const isFinger = event.isPrimary && event.pointerType !== 'mouse';
    if (!isFinger || !mayBegin(event.target, this.#root)) return;
    const { pointerId: id, clientX: x, clientY: y, timeStamp: at } = event;
    this.#finger = { id, x, y, at, width: null };
  }

  #move(event: PointerEvent, finger: Finger): void {
    finger.width ??= this.#widthFor(event, finger);
    if (finger.width === null) return;
    this.#root.dataset.drag = '';
    this.#place(this.#partAt(event, finger));
  }

  /** Null while the finger has no direction yet. A finger with another direction is let go. */
  #widthFor(event: PointerEvent, finger: Finger): number | null {
    const along = this.#way(event, finger);
    const across = Math.abs(event.clientY - finger.y);
    if (Math.max(Math.abs(along), across) < DECIDED_PX) return null;
    const isWay = this.#isOpen ? along < 0 : along > 0;
    const list = this.#root.querySelector<HTMLElement>('.sidebar');
    if (isWay && Math.abs(along) >= across * FLAT && list !== null) return list.offsetWidth;
    this.release();
    return null;
  }

  #end(event: PointerEvent, finger: Finger): void {
    const opens = finger.width === null ? this.#isOpen : this.#opensAfter(event, finger);
    if (!opens && this.#isOpen) {
      this.#close();
      return;
    }
    if (opens) this.#drawer.open();
    this.release();
  }

  #opensAfter(event: PointerEvent, finger: Finger): boolean {
    const speed = this.#way(event, finger) / Math.max(1, event.timeStamp - finger.at);
    const isFar = this.#partAt(event, finger) > (this.#isOpen ? 1 - PART : PART);
    return Math.abs(speed) > PX_PER_MS ? speed > 0 : isFar;
  }

  /** The drawer stays out of view until the history has closed it. */
  #close(): void {
    this.#finger = null;
    this.#place(0);
    this.#drawer.close();
    setTimeout(() => this.settle(), HELD_MS);
  }

  get #isOpen(): boolean {
    return this.#drawer.isOpen.peek();
  }

  /** The distance that the finger has come, in the direction in which the drawer opens. */
  #way({ clientX }: PointerEvent, { x }: Finger): number {
    return (clientX - x) * (getComputedStyle(this.#root).direction === 'rtl' ? -1 : 1);
  }

  /** 0: closed, 1: open. */
  #partAt(event: PointerEvent, finger: Finger): number {
    const from = this.#isOpen ? 1 : 0;
    return Math.min(1, Math.max(0, from + this.#way(event, finger) / (finger.width ?? 1)));
  }

  #place(part: number): void {
    this.#root.style.setProperty('--drag', String(part));
  }
}

/**
 * Refuses where a finger moves something itself: text that is selected, fields, menus, dialogs, and what scrolls
 * sideways.
 */
function mayBegin(target: EventTarget | null, root: HTMLElement): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('input, textarea, select, dialog, .menu') !== null) return false;
  if (getSelection()?.isCollapsed === false) return false;
  for (let at: Element | null = target; at !== null && at !== root; at = at.parentElement)
    if (scrollsSideways(at)) return false;
  return true;
}

const scrollsSideways = (element: Element): boolean =>
  element.scrollWidth > element.clientWidth + 1 &&
  /auto|scroll/.test(getComputedStyle(element).overflowX);
