import type { VendorData } from '../../../entities/entities.js';
import { isEmpty, isObject } from '../text-names.js';

type Fields = Record<string, unknown>;

/** Opaque fields of a message that some servers want back: signed or encrypted reasoning. */
const NAMES = ['reasoning_details', 'extra_content'] as const;
/** Strings that come in pieces. */
const IN_PIECES = new Set(['text', 'summary', 'arguments']);
const MOST_CHARS = 262_144;

/** Gathers such fields from the deltas of an answer, in the form of a whole message. */
export class VendorFields {
  #details: Fields[] = [];
  #extra: Fields | null = null;
  #chars = 0;

  take(piece: unknown): void {
    if (!isObject(piece)) return;
    const { reasoning_details: details, extra_content: extra } = piece;
    if (isEmpty(details) && isEmpty(extra)) return;
    this.#chars += JSON.stringify([details, extra]).length;
    if (this.#chars > MOST_CHARS) return;
    if (Array.isArray(details)) for (const each of details.filter(isObject)) this.#add(each);
    if (isObject(extra)) this.#extra = { ...this.#extra, ...extra };
  }

  /** Null if there was nothing, or too much to keep. */
  get data(): VendorData | null {
    if (this.#chars === 0 || this.#chars > MOST_CHARS) return null;
    return {
      ...(this.#details.length > 0 && { reasoning_details: this.#details }),
      ...(this.#extra && { extra_content: this.#extra }),
    };
  }

  #add(detail: Fields): void {
    const last = this.#details.at(-1);
    if (!last || !isSame(last, detail)) {
      this.#details.push({ ...detail });
      return;
    }
    for (const [name, value] of Object.entries(detail)) {
      const before = last[name];
      const goesOn = IN_PIECES.has(name) && typeof before === 'string' && typeof value === 'string';
      if (!isEmpty(value)) last[name] = goesOn ? before + value : value;
    }
  }
}

/** Both are pieces of one part. Encrypted parts come whole. */
const isSame = (one: Fields, other: Fields): boolean =>
  one.type === other.type && one.index === other.index && isEmpty(one.data) && isEmpty(other.data);

/** The known fields of stored data. */
export function toFields(data: VendorData | undefined): Fields {
  if (!data) return {};
  return Object.fromEntries(NAMES.flatMap((name) => (data[name] ? [[name, data[name]]] : [])));
}
