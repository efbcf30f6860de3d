import type { Stored } from './answers.js';
import type { Ask, View } from './book.js';
import { contentOf, type DeedKind, interrupts, isNote, targetOf } from './deeds.js';
import type { Finding } from './finding.js';
import type { Call } from './model.js';
import { keyOf } from './texts.js';
import { type Placed, Tree } from './tree.js';

/** A message that is stored and not deleted. */
export interface Row extends Placed, Stored {}

/** An answer was queued, or a node began with it. In the order in which that was stored. */
export interface Step {
  answerId: number;
  state: 'queued' | 'running';
}

export interface Evidence {
  asks: ReadonlyMap<string, Ask>;
  /** The time at which a person pressed stop, by answer. */
  stops: ReadonlyMap<number, number>;
  /** Every message that was ever stored, by a trigger of the soak's own. */
  placed: readonly Placed[];
  rows: readonly Row[];
  /** The active leaf of each conversation. */
  leaves: ReadonlyMap<number, number | null>;
  /** When each answer was queued and begun, one after another. */
  steps: readonly Step[];
  /** Answers that a node still has to end, deleted ones included. */
  unfinished: readonly number[];
  calls: ReadonlyMap<string, readonly Call[]>;
  views: readonly View[];
  /** Complaints of raw devices. */
  disorder: readonly Finding[];
}

/** Refusals after which nothing was done. After other refusals, an earlier try may have been done. */
const DENIALS = new Set(['conflict', 'forbidden', 'validation_failed', 'quota_exceeded']);

function grouped<K, V>(values: Iterable<V>, keysOf: (value: V) => readonly (K | null)[]) {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    for (const key of new Set(keysOf(value))) {
      if (key === null) continue;
      const group = groups.get(key) ?? [];
      group.push(value);
      groups.set(key, group);
    }
  }
  return groups;
}

/** The evidence, in the order in which the checks need it. */
export class Facts {
  readonly evidence: Evidence;
  readonly tree: Tree;
  readonly rows: ReadonlyMap<number, Row>;
  readonly asks: readonly Ask[];
  readonly #byKey: ReadonlyMap<string, readonly Row[]>;
  readonly #byQuestion: ReadonlyMap<number, readonly Ask[]>;
  readonly #byTarget: ReadonlyMap<number, readonly Ask[]>;
  readonly #byAnswer: ReadonlyMap<number, readonly Ask[]>;
  readonly #byConversation: ReadonlyMap<number, readonly Ask[]>;
  readonly #interrupting: ReadonlyMap<number, readonly Ask[]>;

  constructor(evidence: Evidence) {
    this.evidence = evidence;
    this.tree = new Tree(evidence.placed);
    this.rows = new Map(evidence.rows.map((row) => [row.id, row]));
    this.asks = [...evidence.asks.values()];
    this.#byKey = grouped(evidence.rows, ({ content }) => [keyOf(content)]);
    this.#byTarget = grouped(this.asks, ({ deed }) => [targetOf(deed)]);
    this.#byQuestion = grouped(this.asks, (ask) => ask.receipts.map((each) => each.questionId));
    this.#byAnswer = grouped(this.asks, (ask) => ask.receipts.map((each) => each.answerId));
    this.#byConversation = grouped(this.asks, ({ deed, receipts }) => [
      receipts[0]?.conversationId ?? deed.conversationId,
    ]);
    const interrupting = this.asks.filter((ask) => interrupts(ask.deed) && this.mayBeDone(ask));
    this.#interrupting = grouped(interrupting, ({ deed }) => [deed.conversationId]);
  }

  inConversation(id: number): readonly Ask[] {
    return this.#byConversation.get(id) ?? [];
  }

  /** Acknowledged calls that asked a question, or named it. */
  naming(questionId: number): readonly Ask[] {
    return this.#byQuestion.get(questionId) ?? [];
  }

  /** The deed was done, or may have been. */
  mayBeDone({ receipts, refused }: Ask): boolean {
    return receipts.length > 0 || !DENIALS.has(refused ?? '');
  }

  /** Deeds that were or may have been done to a message. */
  doneTo(id: number, ...kinds: DeedKind[]): Ask[] {
    const asks = this.#byTarget.get(id) ?? [];
    return asks.filter((ask) => kinds.includes(ask.deed.kind) && this.mayBeDone(ask));
  }

  /** The messages that begin with an ask's own text. */
  rowsOf(key: string): readonly Row[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Whether somebody tried to delete the message, or one above it. */
  mayBeGone(id: number): boolean {
    return this.tree.upFrom(id).some((placed) => this.doneTo(placed.id, 'delete').length > 0);
  }

  /** Whether a later message may have stopped the answer: one that interrupted its conversation. */
  mayBeInterrupted({ id, conversationId }: Placed): boolean {
    const asks = this.#interrupting.get(conversationId) ?? [];
    return asks.some(({ receipts }) => (receipts[0]?.questionId ?? Number.POSITIVE_INFINITY) > id);
  }

  /** Acknowledged calls that asked the question, together with its first answer. */
  makersOf(id: number): Ask[] {
    const named = this.#byQuestion.get(id) ?? [];
    return named.filter((ask) => this.#bringsQuestion(ask));
  }

  /** Whether the question may have been stored without asking for an answer. */
  mayBeNote(id: number): boolean {
    const named = this.makersOf(id);
    if (named.length > 0) return named.some(({ deed }) => isNote(deed));
    const asks = this.inConversation(this.tree.get(id)?.conversationId ?? 0);
    return asks.some(({ deed, receipts }) => isNote(deed) && receipts.length === 0);
  }

  /** Whether an ask changes the text of a question that waits, instead of adding one beside it. */
  isInPlace({ deed, receipts }: Ask): boolean {
    return deed.kind === 'edit' && receipts.some(({ questionId }) => questionId === deed.messageId);
  }

  /** Whether the text of an ask is that of an answer. */
  givesAnswer({ deed }: Ask): boolean {
    return deed.kind === 'edit' && this.tree.get(deed.messageId)?.role === 'assistant';
  }

  /** The edit that made this answer; undefined for answers of the model. */
  editThatMade({ id, content }: Row): Ask | undefined {
    const named = this.#byAnswer.get(id)?.find((ask) => this.givesAnswer(ask));
    const own = this.evidence.asks.get(keyOf(content) ?? '');
    return named ?? (own && this.givesAnswer(own) ? own : undefined);
  }

  /** All texts that a question may have. Changes in place that were acknowledged leave no older one. */
  textsOf({ id, content }: Row): string[] {
    const own = this.evidence.asks.get(keyOf(content) ?? '');
    const named = this.makersOf(id);
    const changes = named.filter((ask) => this.isInPlace(ask));
    const unsure = [...(own ? [own] : []), ...(this.#byTarget.get(id) ?? [])].filter(
      (ask) => ask.receipts.length === 0 && this.#bringsQuestion(ask),
    );
    const known = changes.length > 0 ? changes : named;
    return [...known, ...unsure].map(({ deed }) => contentOf(deed) ?? '');
  }

  #bringsQuestion(ask: Ask): boolean {
    return contentOf(ask.deed) !== null && !this.givesAnswer(ask);
  }
}
