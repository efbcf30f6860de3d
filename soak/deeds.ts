import type { AckData } from '../src/contract/events.js';
import type { MessageStatus } from '../src/contract/rest.js';

/** The ids in an acknowledgement. Repeated calls must get the same ones. */
export interface Receipt {
  conversationId: number;
  questionId: number | null;
  answerId: number | null;
}

export interface Ack {
  receipt: Receipt;
  /** Status of the answer at that time; null without an answer. */
  status: MessageStatus | null;
  attempt: number;
  /** Messages that a deletion took. */
  gone: readonly number[];
}

/** `interrupt` stops what runs and asks next, `note` asks nobody. */
export type How = 'interrupt' | 'note';

/** An act of a person on a device. */
export type Deed =
  /** A `conversationId` of null begins a new conversation. */
  | { kind: 'send'; conversationId: number | null; content: string; how?: How }
  | { kind: 'edit'; conversationId: number; messageId: number; content: string }
  | {
      kind: 'regenerate' | 'continue' | 'select' | 'delete';
      conversationId: number;
      messageId: number;
    };

export type DeedKind = Deed['kind'];

export const contentOf = (deed: Deed): string | null => ('content' in deed ? deed.content : null);

export const interrupts = (deed: Deed): boolean => deed.kind === 'send' && deed.how === 'interrupt';

export const isNote = (deed: Deed): boolean => deed.kind === 'send' && deed.how === 'note';

/** The fields of a call that say how a message is sent. */
export const sendFields = (how: How | undefined): { interrupt?: true; answer?: false } => {
  if (how === 'interrupt') return { interrupt: true };
  return how === 'note' ? { answer: false } : {};
};

export const targetOf = (deed: Deed): number | null =>
  deed.kind === 'send' ? null : deed.messageId;

/** The result of any of the calls. */
export type DeedData = Partial<AckData<'message:send'> & AckData<'message:delete'>>;

/** The part of an acknowledgement that the ledger needs. */
export function ackOf(deed: Deed, data: DeedData): Ack {
  const { user_message: question, assistant_message: answer, message_ids = [] } = data;
  return {
    receipt: {
      conversationId: (answer ?? question)?.conversation_id ?? deed.conversationId ?? 0,
      questionId: question?.id ?? answer?.parent_id ?? null,
      answerId: answer?.id ?? null,
    },
    status: answer?.status ?? null,
    attempt: answer?.attempt ?? 0,
    gone: message_ids,
  };
}
