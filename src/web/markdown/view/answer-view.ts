import type { Block, HtmlBlock } from '../blocks.js';
import { CodeView } from './code-view.js';
import { FormulaPace } from './formula-view.js';
import { HtmlView, labelReference, labelTable, type Surface } from './html-view.js';
import type { ViewKit } from './kit.js';
import { patchText } from './patch.js';

interface BlockView {
  readonly element: HTMLElement;
  /** False: the block is of another kind. */
  show(block: Block): boolean;
}

/** Shows blocks in an element. Equal blocks are not touched; a block that has grown changes only where it differs. */
export class AnswerView {
  readonly #root: HTMLElement;
  readonly #surface: Surface;
  readonly #text: BlockList;
  readonly #notes: BlockList;

  constructor(root: HTMLElement, kit: ViewKit) {
    this.#root = root;
    this.#surface = { kit, managed: new WeakMap(), pace: new FormulaPace() };
    this.#notes = new BlockList(root, this.#surface, () => null);
    this.#text = new BlockList(root, this.#surface, () => this.#notes.first);
    root.addEventListener('click', (event) => goToNote(root, event.target));
  }

  update(blocks: readonly Block[]): void {
    this.#text.update(blocks.filter((block) => !isNote(block)));
    this.#notes.update(blocks.filter(isNote));
    this.#surface.pace.run();
  }

  /** The reader has chosen another language. */
  relabel(): void {
    for (const figure of this.#root.querySelectorAll('figure.code')) {
      const view = this.#surface.managed.get(figure);
      if (view instanceof CodeView) view.relabel();
    }
    const all = (selector: string) => this.#root.querySelectorAll<HTMLElement>(selector);
    const { kit } = this.#surface;
    for (const frame of all('.table-scroll')) labelTable(frame, kit);
    for (const button of all('.note-ref')) labelReference(button, kit);
    for (const button of all('.note-back')) labelBack(button, kit);
  }
}

const isNote = (block: Block): boolean => block.kind === 'html' && block.note !== undefined;

/** Blocks one after another. */
class BlockList {
  #blocks: readonly Block[] = [];
  readonly #views: BlockView[] = [];
  readonly #root: HTMLElement;
  readonly #surface: Surface;
  readonly #end: () => Element | null;

  constructor(root: HTMLElement, surface: Surface, end: () => Element | null) {
    this.#root = root;
    this.#surface = surface;
    this.#end = end;
  }

  get first(): Element | null {
    return this.#views[0]?.element ?? null;
  }

  update(blocks: readonly Block[]): void {
    for (const [index, block] of blocks.entries()) {
      if (block !== this.#blocks[index]) this.#show(index, block);
    }
    for (const view of this.#views.splice(blocks.length)) view.element.remove();
    this.#blocks = blocks;
  }

  #show(index: number, block: Block): void {
    const view = this.#views[index];
    if (view?.show(block)) return;
    const made = viewOf(block, this.#surface);
    const end = this.#end();
    if (view !== undefined) view.element.replaceWith(made.element);
    else if (end === null) this.#root.append(made.element);
    else end.before(made.element);
    this.#views[index] = made;
  }
}

function viewOf(block: Block, surface: Surface): BlockView {
  if (block.kind === 'code') return codeView(block.language, block.text, surface);
  if (block.kind === 'plain') return plainView(block.text);
  const view = new HtmlView(surface);
  view.update(block);
  const element =
    block.note === undefined ? view.element : noteAround(view.element, surface, block.note);
  return {
    element,
    show: (next) => {
      if (next.kind !== 'html' || !isSameNote(block.note, next.note)) return false;
      view.update(next);
      return true;
    },
  };
}

type Note = HtmlBlock['note'];

const isSameNote = (a: Note, b: Note): boolean => a?.label === b?.label && a?.number === b?.number;

const labelBack = (back: HTMLElement, kit: ViewKit): void =>
  back.setAttribute('aria-label', `${back.textContent}: ${kit.labels().backToText}`);

/** A footnote, with a button that leads back to the text. */
function noteAround(text: HTMLElement, { kit }: Surface, note: NonNullable<Note>): HTMLElement {
  const element = document.createElement('div');
  element.className = 'note';
  element.tabIndex = -1;
  element.dataset.note = note.label;
  const back = document.createElement('button');
  back.type = 'button';
  back.className = 'note-back';
  back.dataset.noteBack = note.label;
  back.textContent = note.number;
  labelBack(back, kit);
  element.append(back, text);
  return element;
}

function codeView(language: string, text: string, { kit, managed }: Surface): BlockView {
  const view = new CodeView(kit, language, text);
  managed.set(view.element, view);
  return {
    element: view.element,
    show: (next) => {
      if (next.kind !== 'code') return false;
      view.update(next.language, next.text);
      return true;
    },
  };
}

function plainView(text: string): BlockView {
  const element = document.createElement('div');
  const node = document.createTextNode(text);
  element.className = 'plain-text';
  element.dir = 'auto';
  element.append(node);
  return {
    element,
    show: (next) => {
      if (next.kind !== 'plain') return false;
      patchText(node, next.text);
      return true;
    },
  };
}

/** Footnotes: from the number to the note, and back. */
function goToNote(root: HTMLElement, target: EventTarget | null): void {
  const button = target instanceof HTMLElement ? target.closest<HTMLElement>('button') : null;
  const { noteRef, noteBack } = button?.dataset ?? {};
  const [wanted, place] = noteRef === undefined ? [noteBack, 'noteRef'] : [noteRef, 'note'];
  if (wanted === undefined) return;
  const all = [...root.querySelectorAll<HTMLElement>('.note, .note-ref')];
  const found = all.find(({ dataset }) => dataset[place] === wanted);
  found?.scrollIntoView({ block: 'nearest' });
  found?.focus();
}
