import { fileNameFor, languageNamed } from '../code/languages.js';
import { CodeLines } from './code-lines.js';
import type { ViewKit } from './kit.js';
import type { Managed } from './patch.js';

/** Longer code stays plain. So does code that takes longer to colour, until it is complete. */
const COLOURED_CHARS = 60_000;
const COLOURED_LINE = 3_000;
const SLOW_MS = 120;
/** Growing code takes at most one part in this many of the page's time: all of it is read again for each new line. */
const SHARE = 24;
const MIN_WAIT_MS = 80;
const COPIED_MS = 1_600;

/** Code in an answer, wherever it stands: its language, buttons, and lines that are coloured once they are there. */
export class CodeView implements Managed {
  readonly element = document.createElement('figure');
  readonly #kit: ViewKit;
  readonly #name = document.createElement('span');
  readonly #code = document.createElement('code');
  readonly #wrap: HTMLButtonElement;
  readonly #download: HTMLButtonElement;
  readonly #copy: HTMLButtonElement;
  #language: string;
  readonly #lines = new CodeLines(this.#code);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #copied: ReturnType<typeof setTimeout> | undefined;
  #due = 0;
  #slow = false;

  constructor(kit: ViewKit, language: string, text: string) {
    this.#kit = kit;
    this.#language = language;
    this.#wrap = button(() => this.#toggleWrap());
    this.#download = button(() => this.#save());
    this.#copy = button(() => void this.#copyText());
    this.#build();
    this.relabel();
    this.update(language, text);
  }

  takeFrom(next: Managed): boolean {
    if (!(next instanceof CodeView)) return false;
    this.update(next.#language, next.#lines.text);
    next.dispose();
    return true;
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  /** Changes only lines that differ. */
  update(language: string, text: string): void {
    if (language !== this.#language || this.#name.textContent === '') this.#rename(language);
    if (text === this.#lines.text) return;
    this.#lines.show(text);
    this.#colourLater();
  }

  relabel(): void {
    const labels = this.#kit.labels();
    setLabel(this.#wrap, labels.wrap, labels.wrapCode);
    setLabel(this.#download, labels.download, labels.downloadCode);
    this.#labelCopy();
    this.#name.textContent = this.#language === '' ? labels.code : this.#language;
  }

  #build(): void {
    const head = document.createElement('figcaption');
    head.className = 'code-head';
    const tools = document.createElement('span');
    tools.className = 'code-tools';
    this.#wrap.setAttribute('aria-pressed', 'false');
    tools.append(this.#wrap, this.#download, this.#copy);
    this.#name.className = 'code-language';
    head.append(this.#name, tools);
    const pre = document.createElement('pre');
    // A region that scrolls must be reachable by keyboard.
    pre.tabIndex = 0;
    pre.dir = 'ltr';
    pre.append(this.#code);
    this.element.className = 'code';
    this.element.append(head, pre);
  }

  #rename(language: string): void {
    this.#language = language;
    this.#name.textContent = language === '' ? this.#kit.labels().code : language;
  }

  #colourLater(): void {
    if (this.#timer !== undefined || languageNamed(this.#language) === null) return;
    const wait = Math.max(0, this.#due - performance.now(), this.#slow ? 1_000 : 0);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#colour();
    }, wait);
  }

  #colour(): void {
    const language = languageNamed(this.#language);
    const { text, longest } = this.#lines;
    const isTooMuch = text.length > COLOURED_CHARS || longest > COLOURED_LINE;
    if (language === null || isTooMuch || !this.element.isConnected) return;
    const highlight = this.#kit
      .highlighter(() => this.#colourLater())
      ?.highlight(language, () => this.#colourLater());
    if (!highlight) return;
    const began = performance.now();
    this.#lines.colour(highlight(text));
    const took = performance.now() - began;
    this.#slow = took > SLOW_MS;
    this.#due = performance.now() + Math.max(MIN_WAIT_MS, took * SHARE);
  }

  #toggleWrap(): void {
    const wraps = this.element.classList.toggle('wraps');
    this.#wrap.setAttribute('aria-pressed', String(wraps));
  }

  #save(): void {
    this.#kit.save(fileNameFor(this.#language), this.#lines.text);
  }

  async #copyText(): Promise<void> {
    if (!(await this.#kit.copy(this.#lines.text))) return;
    const { copied } = this.#kit.labels();
    setLabel(this.#copy, copied, copied);
    clearTimeout(this.#copied);
    // The language may be another one by then.
    this.#copied = setTimeout(() => this.#labelCopy(), COPIED_MS);
  }

  #labelCopy(): void {
    const { copy, copyCode } = this.#kit.labels();
    setLabel(this.#copy, copy, copyCode);
  }
}

function button(onClick: () => void): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = 'code-button';
  const shown = document.createElement('span');
  shown.setAttribute('aria-live', 'polite');
  element.append(shown);
  element.addEventListener('click', onClick);
  return element;
}

/** `name` begins with the shown text, so that people who speak to their device can say what they see. */
function setLabel(element: HTMLButtonElement, shown: string, name: string): void {
  if (element.firstChild !== null) element.firstChild.textContent = shown;
  element.setAttribute('aria-label', name);
}
