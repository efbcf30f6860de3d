import type { MessageRole } from '../src/contract/rest.js';

/** A message's place, which never changes. */
export interface Placed {
  id: number;
  conversationId: number;
  parentId: number | null;
  role: MessageRole;
}

/** All messages that ever were. */
export class Tree {
  readonly #all: ReadonlyMap<number, Placed>;
  readonly #children = new Map<number, Placed[]>();

  constructor(all: readonly Placed[]) {
    this.#all = new Map(all.map((placed) => [placed.id, placed]));
    for (const placed of all) {
      const { parentId } = placed;
      if (parentId !== null)
        this.#children.set(parentId, [...(this.#children.get(parentId) ?? []), placed]);
    }
  }

  get all(): readonly Placed[] {
    return [...this.#all.values()];
  }

  get(id: number | null): Placed | undefined {
    return id === null ? undefined : this.#all.get(id);
  }

  /** A message and everything above it, upwards. */
  upFrom(id: number | null): Placed[] {
    const path: Placed[] = [];
    for (let at = this.get(id); at; at = this.get(at.parentId)) path.push(at);
    return path;
  }

  isAtOrBelow(id: number, aboveId: number): boolean {
    return this.upFrom(id).some((placed) => placed.id === aboveId);
  }

  children(id: number): readonly Placed[] {
    return this.#children.get(id) ?? [];
  }
}
