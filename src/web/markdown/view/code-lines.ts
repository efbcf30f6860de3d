import type { Run } from '../code/runs.js';

/** A browser lays out a whole group when one of its lines changes. */
const GROUP = 40;

/** The lines of code in an element, each an element of its own. Only lines that differ are changed. */
export class CodeLines {
  readonly #root: HTMLElement;
  readonly #lines: string[] = [];
  /** How each line was coloured; empty: not yet, or not as it is now. */
  readonly #colours: string[] = [];
  #text = '';

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  get text(): string {
    return this.#text;
  }

  get longest(): number {
    return this.#lines.reduce((most, { length }) => Math.max(most, length), 0);
  }

  /** Looks only at the end of a text that has grown. */
  show(text: string): void {
    const grows = text.startsWith(this.#text) && this.#lines.length > 0;
    const from = grows ? this.#lines.length - 1 : 0;
    const start = grows ? this.#text.length - (this.#lines.at(-1)?.length ?? 0) : 0;
    const lines = linesOf(text.slice(start));
    for (const [index, line] of lines.entries()) this.#set(from + index, line);
    while (this.#lines.length > from + lines.length) this.#removeLast();
    this.#text = text;
  }

  /** Stops where the highlighter understands other lines than the text has. */
  colour(lines: readonly Run[][]): void {
    for (const [index, runs] of lines.entries()) {
      const text = runs.map(([piece]) => piece).join('');
      if (text !== this.#lines[index]) return;
      const colours = runs.map(([piece, name]) => `${piece.length}${name}`).join(' ');
      if (colours === this.#colours[index]) continue;
      this.#elementAt(index)?.replaceChildren(...runs.map(nodeOf));
      this.#colours[index] = colours;
    }
  }

  /** A line that grows keeps its colours until it is coloured again. */
  #set(index: number, line: string): void {
    const before = this.#lines[index];
    if (before === line) return;
    this.#lines[index] = line;
    this.#colours[index] = '';
    if (before === undefined) this.#append(line);
    else if (line.startsWith(before)) this.#elementAt(index)?.append(line.slice(before.length));
    else this.#elementAt(index)?.replaceChildren(line);
  }

  #append(line: string): void {
    const last = this.#root.lastElementChild;
    const group = last === null || last.childNodes.length >= GROUP ? newGroup() : last;
    if (group !== last) this.#root.append(group);
    const element = document.createElement('span');
    element.append(line);
    group.append(element);
  }

  #removeLast(): void {
    this.#lines.pop();
    this.#colours.pop();
    const group = this.#root.lastElementChild;
    group?.lastChild?.remove();
    if (group?.firstChild === null) group.remove();
  }

  #elementAt(index: number): Element | null {
    const group = this.#root.children[Math.floor(index / GROUP)];
    return group?.children[index % GROUP] ?? null;
  }
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.split(/(?<=\n)/));

function newGroup(): HTMLElement {
  const group = document.createElement('span');
  group.className = 'code-group';
  return group;
}

function nodeOf([text, className]: Run): Node {
  if (className === '') return document.createTextNode(text);
  const element = document.createElement('span');
  element.className = className;
  element.append(text);
  return element;
}
