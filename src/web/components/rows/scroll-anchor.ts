import { messageIdOf } from '../message/message-element.js';

/** Keeps the first visible message in place while the rows above it change. */
export class ScrollAnchor {
  #row: Element | null = null;
  /** The row's distance from the top of the view, and how far the view was scrolled. */
  #top = 0;
  #scrolled = 0;

  /** The reader or the page has scrolled, or the list is about to change. */
  remember(frame: HTMLElement, list: HTMLElement): void {
    const view = frame.getBoundingClientRect().top;
    this.#row = null;
    for (const row of list.children) {
      const { top, bottom } = row.getBoundingClientRect();
      if (messageIdOf(row) === null || bottom <= view) continue;
      this.#row = row;
      this.#top = top - view;
      this.#scrolled = frame.scrollTop;
      return;
    }
  }

  /** Call this in the same task as the change, so that nothing else has moved the message. */
  hold(frame: HTMLElement): void {
    this.#moveBack(frame, this.#top);
  }

  /** Keeps scrolls since `remember`, because they were intended. */
  restore(frame: HTMLElement): void {
    this.#moveBack(frame, this.#top - (frame.scrollTop - this.#scrolled));
  }

  #moveBack(frame: HTMLElement, wanted: number): void {
    if (this.#row === null || !this.#row.isConnected) return;
    const moved = distanceFrom(frame, this.#row) - wanted;
    if (Math.abs(moved) >= 1) frame.scrollTop += moved;
    this.#top = distanceFrom(frame, this.#row);
    this.#scrolled = frame.scrollTop;
  }
}

const distanceFrom = (frame: HTMLElement, row: Element): number =>
  row.getBoundingClientRect().top - frame.getBoundingClientRect().top;
