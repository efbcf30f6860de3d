import type { ViewKit } from './kit.js';
import type { Managed } from './patch.js';

/** Formulas that one task of the page sets. Further ones follow in the next tasks. */
const AT_ONCE_MS = 12;

/** A formula: its source until it has been set, or if it cannot be. */
export class FormulaView implements Managed {
  readonly element: HTMLElement;
  readonly #source: string;
  readonly #display: boolean;

  constructor(kit: ViewKit, pace: FormulaPace, source: string, display: boolean) {
    this.#source = source;
    this.#display = display;
    this.element = document.createElement('span');
    this.element.className = display ? 'formula formula-display' : 'formula';
    // A text takes its direction from its first letters, and those of a formula say nothing.
    this.element.dir = 'ltr';
    this.element.textContent = source;
    if (display) this.element.tabIndex = 0;
    this.#set(kit, pace);
  }

  takeFrom(next: Managed): boolean {
    return next instanceof FormulaView && next.#source === this.#source;
  }

  #set(kit: ViewKit, pace: FormulaPace): void {
    const typeset = kit.typesetter(() => this.#set(kit, pace));
    if (typeset === null) return;
    pace.add(() => {
      if (!this.element.isConnected) return;
      const isSet = typeset(texOf(this.#source), this.#display, this.element);
      if (isSet) this.#name();
      else this.element.classList.add('formula-wrong');
    });
  }

  /** Screen readers read the source, because the shown formula is made of boxes. */
  #name(): void {
    this.element.setAttribute('role', 'math');
    this.element.setAttribute('aria-label', texOf(this.#source));
  }
}

const texOf = (source: string): string => {
  const marks = source.startsWith('$') && !source.startsWith('$$') ? 1 : 2;
  return source.slice(marks, -marks).trim();
};

/** Jobs that must not block the page: after a while the rest waits until it has had its turn. */
export class FormulaPace {
  #jobs: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  add(job: () => void): void {
    this.#jobs.push(job);
    this.#timer ??= setTimeout(() => this.run(), 0);
  }

  /** Runs the waiting jobs, before the page is drawn. */
  run(): void {
    const began = performance.now();
    let done = 0;
    while (done < this.#jobs.length && performance.now() - began < AT_ONCE_MS) {
      this.#jobs[done]?.();
      done += 1;
    }
    clearTimeout(this.#timer);
    this.#jobs = this.#jobs.slice(done);
    this.#timer = this.#jobs.length > 0 ? setTimeout(() => this.run(), 0) : undefined;
  }
}
