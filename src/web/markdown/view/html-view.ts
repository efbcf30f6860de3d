import type { HtmlBlock } from '../blocks.js';
import { CodeView } from './code-view.js';
import { type FormulaPace, FormulaView } from './formula-view.js';
import { appendGrown } from './grown-text.js';
import type { ViewKit } from './kit.js';
import { type ManagedElements, patchChildren, patchNode } from './patch.js';

export interface Surface {
  kit: ViewKit;
  managed: ManagedElements;
  pace: FormulaPace;
}

/** A block of HTML. A longer list or table is changed item by item or row by row. */
export class HtmlView {
  readonly element = document.createElement('div');
  readonly #surface: Surface;
  #block: HtmlBlock | null = null;

  constructor(surface: Surface) {
    this.#surface = surface;
    this.element.className = 'block';
    this.element.dir = 'auto';
  }

  update(block: HtmlBlock): void {
    const before = this.#block;
    this.#block = block;
    if (this.#grew(before, block) || this.#patchParts(before, block)) return;
    this.#patchAll(block);
  }

  /** Most updates of a growing answer are only more text at its end. */
  #grew(before: HtmlBlock | null, { html, parts }: HtmlBlock): boolean {
    if (before === null) return false;
    const { managed } = this.#surface;
    const old = before.parts;
    if (!old || !parts) return appendGrown(this.element, before.html, html, managed);
    const last = parts.html.length - 1;
    const isSame = old.open === parts.open && old.html.length === parts.html.length;
    if (!isSame || parts.html.some((part, i) => i < last && part !== old.html[i])) return false;
    const element = this.#place?.lastElementChild ?? null;
    const [from, to] = [old.html[last] ?? '', parts.html[last] ?? ''];
    return element !== null && appendGrown(element, from, to, managed);
  }

  /** The element that holds the parts. */
  get #place(): Element | null {
    return this.element.querySelector('tbody, ul, ol');
  }

  #patchAll(block: HtmlBlock): void {
    patchChildren(
      this.element,
      nodesOf(block.html, block.raw, this.#surface),
      this.#surface.managed,
    );
  }

  #patchParts(before: HtmlBlock | null, { parts }: HtmlBlock): boolean {
    const old = before?.parts;
    if (!old || !parts || old.open !== parts.open) return false;
    const place = this.#place;
    if (place === null || place.children.length !== old.html.length) return false;
    const { managed } = this.#surface;
    const changed = [...parts.html.keys()].filter((index) => parts.html[index] !== old.html[index]);
    const made = this.#parts(
      changed.map((index) => parts.html[index] ?? ''),
      parts,
    );
    if (made.length !== changed.length) return false;
    const added: Element[] = [];
    for (const [i, index] of changed.entries()) {
      const part = made[i];
      const there = place.children[index];
      if (part === undefined) continue;
      if (there === undefined) added.push(part);
      else if (!patchNode(there, part, managed)) there.replaceWith(part);
    }
    place.append(...added);
    while (place.children.length > parts.html.length) place.lastElementChild?.remove();
    return true;
  }

  /**
   * The parts are sanitised with the list or table around them, outside of which browsers drop items and rows. All go
   * together, because each call parses a document of its own.
   */
  #parts(html: readonly string[], { open, close }: { open: string; close: string }): Element[] {
    if (html.length === 0) return [];
    const text = html.join('');
    const whole = nodesOf(open + text + close, text, this.#surface);
    return [...(whole.querySelector('tbody, ul, ol')?.children ?? [])];
  }
}

/** Nodes for sanitised HTML. A text that the sanitizer cannot handle is shown plain. */
function nodesOf(html: string, raw: string, surface: Surface): DocumentFragment {
  try {
    const fragment = surface.kit.sanitize(html);
    prepare(fragment, surface);
    return fragment;
  } catch {
    const fragment = document.createDocumentFragment();
    fragment.append(raw);
    return fragment;
  }
}

function prepare(fragment: DocumentFragment, { kit, managed, pace }: Surface): void {
  for (const pre of fragment.querySelectorAll('pre')) {
    const text = (pre.textContent ?? '').replace(/\n$/, '');
    const view = new CodeView(kit, pre.dataset.language ?? '', text);
    managed.set(view.element, view);
    pre.replaceWith(view.element);
  }
  for (const source of fragment.querySelectorAll<HTMLElement>('span[data-formula]')) {
    const display = source.dataset.formula === 'display';
    const view = new FormulaView(kit, pace, source.textContent ?? '', display);
    managed.set(view.element, view);
    source.replaceWith(view.element);
  }
  for (const table of fragment.querySelectorAll('table')) makeScrollable(table, kit);
  for (const ref of fragment.querySelectorAll<HTMLElement>('sup[data-note]'))
    makeReference(ref, kit);
  for (const item of fragment.querySelectorAll<HTMLElement>('li[data-task]')) {
    item.className = 'task';
    delete item.dataset.task;
  }
}

export const labelTable = (frame: HTMLElement, kit: ViewKit): void =>
  frame.setAttribute('aria-label', kit.labels().table);

export const labelReference = (button: HTMLElement, kit: ViewKit): void =>
  button.setAttribute('aria-label', kit.labels().footnote(button.textContent));

function makeScrollable(table: HTMLTableElement, kit: ViewKit): void {
  const frame = document.createElement('div');
  frame.className = 'table-scroll';
  frame.tabIndex = 0;
  // No region: an answer with many tables would hide the landmarks of the page among its own.
  frame.setAttribute('role', 'group');
  labelTable(frame, kit);
  table.replaceWith(frame);
  frame.append(table);
}

function makeReference(ref: HTMLElement, kit: ViewKit): void {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'note-ref';
  button.dataset.noteRef = ref.dataset.note ?? '';
  button.textContent = ref.textContent;
  labelReference(button, kit);
  delete ref.dataset.note;
  ref.replaceChildren(button);
}
