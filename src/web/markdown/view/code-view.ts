import { fileNameFor, languageNamed } from '../code/languages.js';
import type { Run } from '../code/runs.js';
import type { ViewKit } from './kit.js';
import type { Managed } from './patch.js';

/** Longer code stays plain. So does code that takes longer to colour, until it is complete. */
const COLOURED_CHARS = 60_000;
const COLOURED_LINE = 3_000;
const SLOW_MS = 120;
/** Growing code takes at most one part in this many of the page's time. */
const SHARE = 8;
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
  #text = '';
  /** What each line shows. */
  readonly #lines: string[] = [];
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
    this.update(next.#language, next.#text);
    next.dispose();
    return true;
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  /** Changes only lines that differ. */
  update(language: string, text: string): void {
    if (language !== this.#language || this.#name.textContent === '') this.#rename(language);
    if (text === this.#text) return;
    const at = text.startsWith(this.#text) ? Math.max(0, this.#lines.length - 1) : 0;
    const lines = linesOf(text);
    for (let i = at; i < lines.length; i += 1) this.#setLine(i, lines[i] ?? '');
    while (this.#lines.length > lines.length) {
      this.#lines.pop();
      this.#code.lastChild?.remove();
    }
    this.#text = text;
    this.#colourLater();
  }

  relabel(): void {
    const labels = this.#kit.labels();
    setLabel(this.#wrap, labels.wrap, labels.wrapCode);
    setLabel(this.#download, labels.download, labels.downloadCode);
    setLabel(this.#copy, labels.copy, labels.copyCode);
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

  /** A line that grows keeps its colours until it is coloured again. */
  #setLine(index: number, line: string): void {
    const before = this.#lines[index];
    if (before === line) return;
    this.#lines[index] = line;
    const element = this.#code.childNodes[index];
    if (!(element instanceof HTMLElement)) this.#code.append(lineElement(line));
    else if (before !== undefined && line.startsWith(before))
      element.append(line.slice(before.length));
    else element.replaceChildren(line);
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
    const isTooMuch =
      this.#text.length > COLOURED_CHARS || this.#lines.some((line) => line.length > COLOURED_LINE);
    if (language === null || isTooMuch || !this.element.isConnected) return;
    const highlight = this.#kit
      .highlighter(() => this.#colourLater())
      ?.highlight(language, () => this.#colourLater());
    if (!highlight) return;
    const began = performance.now();
    this.#show(highlight(this.#text));
    const took = performance.now() - began;
    this.#slow = took > SLOW_MS;
    this.#due = performance.now() + Math.max(MIN_WAIT_MS, took * SHARE);
  }

  #show(lines: readonly Run[][]): void {
    for (const [index, runs] of lines.entries()) {
      const element = this.#code.childNodes[index];
      const text = runs.map(([piece]) => piece).join('');
      // Lines are shown as they are if the highlighter understands others than the text has.
      if (!(element instanceof HTMLElement) || text !== this.#lines[index]) return;
      if (!looksLike(element, runs)) element.replaceChildren(...runs.map(nodeOf));
    }
  }

  #toggleWrap(): void {
    const wraps = this.element.classList.toggle('wraps');
    this.#wrap.setAttribute('aria-pressed', String(wraps));
  }

  #save(): void {
    this.#kit.save(fileNameFor(this.#language), this.#text);
  }

  async #copyText(): Promise<void> {
    const { copied, copy, copyCode } = this.#kit.labels();
    if (!(await this.#kit.copy(this.#text))) return;
    setLabel(this.#copy, copied, copied);
    clearTimeout(this.#copied);
    this.#copied = setTimeout(() => setLabel(this.#copy, copy, copyCode), COPIED_MS);
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

const linesOf = (text: string): string[] => (text === '' ? [] : text.split(/(?<=\n)/));

function lineElement(line: string): HTMLElement {
  const element = document.createElement('span');
  element.append(line);
  return element;
}

function nodeOf([text, className]: Run): Node {
  if (className === '') return document.createTextNode(text);
  const element = document.createElement('span');
  element.className = className;
  element.append(text);
  return element;
}

const looksLike = (line: HTMLElement, runs: readonly Run[]): boolean =>
  line.childNodes.length === runs.length &&
  runs.every(([text, className], index) => {
    const node = line.childNodes[index];
    const shown = node instanceof HTMLElement ? node.className : '';
    return node?.textContent === text && shown === className;
  });
