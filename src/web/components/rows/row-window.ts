import { signal } from '@preact/signals';
import type { ChatMessage } from '../../../client/index.js';
import { messageElementId, messageIdOf } from '../message/message-element.js';
import { heldRows } from './held-rows.js';
import { RowHeights } from './row-heights.js';
import { lastRows, type Rows, rowsBetween, type Span, spansOf } from './row-spans.js';

/** In heights of the view: rows nearer than `NEAR` are shown; the shown ones reach `WIDE`, and leave beyond `FAR`. */
const NEAR = 1;
const WIDE = 2;
const FAR = 3.5;
/** The newest messages stay: they change, and the page speaks about them. */
const NEWEST = 2;
/** Rows on each side of a message to which the page goes. */
const AROUND = 8;
/** Rows that a selection keeps. Selecting more must not block the page. */
const SELECTED_MAX = 1_000;

/** Two messages, by their ids, and those between them. */
interface Stretch {
  first: number;
  last: number;
}

interface Wanted {
  /** The messages near the view; null: the newest. */
  view: Stretch | null;
  /** The messages with the focus or the selection. */
  held: readonly Stretch[];
  /** The messages around the one to which the page goes. */
  aimed: Stretch | null;
}

export interface ShownSpan extends Span {
  /** The height of a gap. */
  px: number;
}

export interface Around {
  /** Every message stays in the document, as for a print. */
  whole: boolean;
  editingId: number | null;
}

interface Measured {
  index: number;
  top: number;
  bottom: number;
}

/** Decides which messages of a list are in the document: those near the view. Gaps take the place of the others. */
export class RowWindow {
  readonly #heights = new RowHeights();
  readonly #wanted = signal<Wanted>({ view: null, held: [], aimed: null });
  #messages: readonly ChatMessage[] = [];
  #indexes: ReadonlyMap<number, number> = new Map();
  /** Height of the gap between two rows. */
  #gapPx = 0;

  /** Changes when other rows are to be shown. */
  get wanted(): unknown {
    return this.#wanted.value;
  }

  /** Changes when messages are added or removed, not when one grows. */
  take(messages: readonly ChatMessage[]): unknown {
    const before = this.#messages;
    this.#messages = messages;
    const isSame =
      before.length === messages.length && before.every(({ id }, i) => id === messages[i]?.id);
    if (!isSame) this.#indexes = new Map(messages.map(({ id }, index) => [id, index]));
    return this.#indexes;
  }

  spans({ whole, editingId }: Around): readonly ShownSpan[] {
    const { length } = this.#messages;
    if (whole) return [{ from: 0, to: length, isShown: true, px: 0 }];
    const { view, held, aimed } = this.#wanted.value;
    const edited = editingId === null ? null : { first: editingId, last: editingId };
    const kept = [aimed, edited, ...held].map((stretch) => this.#rowsOf(stretch));
    const near = this.#rowsOf(view) ?? this.#newest();
    const shown = [near, { from: length - NEWEST, to: length }, ...kept];
    return spansOf(
      length,
      shown.filter((rows) => rows !== null),
    ).map((span) => ({
      ...span,
      px: span.isShown ? 0 : this.#heightOf(span),
    }));
  }

  /** Shows the rows near the view, and releases others. */
  look(frame: HTMLElement, list: HTMLElement): void {
    const box = frame.getBoundingClientRect();
    const { view, held, aimed } = this.#wanted.peek();
    const kept = heldRows(list, this.#messages.length, (row) => this.#rowOf(row));
    const stretches = kept.map((rows) => this.#stretchOf(cut(rows)));
    const isHeld = JSON.stringify(stretches) === JSON.stringify(held);
    const next = this.#fits(view, box) ? view : this.#rowsBeside(list, box);
    if (next === view && isHeld) return;
    this.#wanted.value = { view: next ?? view, held: isHeld ? held : stretches, aimed };
  }

  /** Puts a message and those around it into the document. */
  reveal(messageId: number): void {
    const index = this.#indexes.get(messageId);
    if (index === undefined) return;
    const around = { from: index - AROUND, to: index + AROUND + 1 };
    this.#wanted.value = { ...this.#wanted.peek(), aimed: this.#stretchOf(around) };
  }

  /** Takes the heights of the rows that are shown. Returns the first that ends below the top of the view. */
  #measure(list: HTMLElement, viewTop: number): Measured | null {
    let found: Measured | null = null;
    for (const row of list.children) {
      const id = messageIdOf(row);
      const index = this.#indexes.get(id ?? 0);
      if (id === null || index === undefined) continue;
      const { top, bottom, height } = row.getBoundingClientRect();
      this.#heights.measure(id, height);
      if (found === null || found.bottom <= viewTop) found = { index, top, bottom };
    }
    return found;
  }

  /** Whether the shown rows reach far enough, and not too far. Looks at the outer ones only. */
  #fits(shown: Stretch | null, view: DOMRect): boolean {
    const rows = this.#rowsOf(shown);
    const [first, last] = [shown?.first, shown?.last].map((id) => rectOf(id ?? 0));
    if (rows === null || !first || !last) return false;
    const above = (reach: number) => view.top - reach * view.height;
    const below = (reach: number) => view.bottom + reach * view.height;
    const reachesUp = rows.from === 0 || first.top <= above(NEAR);
    const reachesDown = rows.to === this.#messages.length || last.bottom >= below(NEAR);
    return reachesUp && reachesDown && first.bottom >= above(FAR) && last.top <= below(FAR);
  }

  /** The rows beside the view; null if there are none. */
  #rowsBeside(list: HTMLElement, view: DOMRect): Stretch | null {
    const gap = Number.parseFloat(getComputedStyle(list).rowGap);
    this.#gapPx = gap;
    const measured = this.#measure(list, view.top);
    if (measured === null) return null;
    const start = measured.top - gap - this.#heightOf({ from: 0, to: measured.index });
    const heights = this.#messages.map((message) => this.#heights.of(message));
    const [top, bottom] = [view.top - WIDE * view.height, view.bottom + WIDE * view.height];
    const rows = rowsBetween(heights, { start, gap, top, bottom });
    return rows.to > rows.from ? this.#stretchOf(rows) : null;
  }

  #rowOf(row: Element): Rows | null {
    const index = this.#indexes.get(messageIdOf(row) ?? 0);
    return index === undefined ? null : { from: index, to: index + 1 };
  }

  #rowsOf(stretch: Stretch | null): Rows | null {
    const from = this.#indexes.get(stretch?.first ?? 0);
    const to = this.#indexes.get(stretch?.last ?? 0);
    return from === undefined || to === undefined ? null : { from, to: to + 1 };
  }

  #stretchOf({ from, to }: Rows): Stretch {
    const last = this.#messages.length - 1;
    const idAt = (index: number) => this.#messages[Math.min(Math.max(0, index), last)]?.id ?? 0;
    return { first: idAt(from), last: idAt(to - 1) };
  }

  /** Begins the list at its end. */
  #newest(): Rows {
    const heights = this.#messages.map((message) => this.#heights.of(message));
    return lastRows(heights, WIDE * innerHeight);
  }

  /** Counts the gaps between the rows, too. */
  #heightOf({ from, to }: Rows): number {
    let px = -this.#gapPx;
    for (let i = from; i < to; i += 1) {
      const message = this.#messages[i];
      if (message !== undefined) px += this.#heights.of(message) + this.#gapPx;
    }
    return px;
  }
}

const rectOf = (messageId: number): DOMRect | undefined =>
  document.getElementById(messageElementId(messageId))?.getBoundingClientRect();

const cut = ({ from, to }: Rows): Rows => ({ from, to: Math.min(to, from + SELECTED_MAX) });
