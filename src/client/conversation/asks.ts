import type { AckData, Acked, ClientPayload } from '../../contract/events.js';
import type { Call } from '../call.js';
import type { Draft } from '../outbox/outbox.js';
import { ParleyError } from '../parley-error.js';
import { randomId } from '../random-id.js';
import type { Repeater } from '../time/repeater.js';

/** The new text of a message, with the options of an edit. */
export type EditFields = Omit<ClientPayload<'message:edit'>, 'client_id' | 'message_id'>;
/** Options of another answer. */
export interface RegenerateFields {
  /** Another model than the conversation's. */
  model?: string;
}

/**
 * Calls that change the tree of messages. Each has a `client_id` of its own and is repeated under it after a lost
 * connection, so it takes effect once. They reject with a `ParleyError`: `conflict` for a message to which they do not
 * apply.
 */
export interface Asks {
  /**
   * Sends a message, which stays in the outbox until the server has it.
   * @example
   * await client.send({ conversation_id: 7, content: 'Rather this', interrupt: true }); // stops what runs
   * await client.send({ conversation_id: 7, content: 'A note', answer: false }); // asks nobody
   */
  send<const D extends Draft>(draft: D): Promise<Acked<'message:send', D>>;
  /**
   * Another text for a message, as a sibling, which becomes active and is asked. The text of a question that waits for
   * its turn is replaced in place.
   * @example
   * await client.edit(question.id, { content: 'What is a lease?' });
   * await client.edit(question.id, { content: 'A note', answer: false }); // asks nobody
   * await client.edit(waiting.id, { content: waiting.content, interrupt: true }); // asks it now
   */
  edit<const F extends EditFields>(messageId: number, fields: F): Promise<Acked<'message:edit', F>>;
  /**
   * Another answer to the same question, which becomes active.
   * @example
   * const { assistant_message } = await client.regenerate(answer.id, { model: 'larger' });
   */
  regenerate(messageId: number, fields?: RegenerateFields): Promise<AckData<'message:regenerate'>>;
  /**
   * Continues an answer for which `canContinue` is true. Its text stays.
   * @example
   * if (canContinue(answer)) await client.continue(answer.id);
   */
  continue(messageId: number): Promise<AckData<'message:continue'>>;
  /**
   * Makes the branch through a message, down to its newest leaf, the active one for all members.
   * @example
   * const at = answer.sibling_ids.indexOf(answer.id);
   * await client.select(answer.sibling_ids[at - 1]); // the answer before it
   */
  select(messageId: number): Promise<AckData<'message:select'>>;
  /**
   * Deletes a message and everything below it.
   * @example
   * const { message_ids } = await client.deleteMessage(question.id);
   */
  deleteMessage(messageId: number): Promise<AckData<'message:delete'>>;
}

export interface AsksOptions {
  call: Call;
  repeater: Repeater;
  send: Asks['send'];
  /** Each ack, before the promise resolves. */
  done: Done;
}

/** Takes acks, grouped by what they changed. */
export interface Done {
  /** New or continued messages; null: the conversation did not change. */
  stored(data: Stored): void;
  selected(data: AckData<'message:select'>): void;
  deleted(messageIds: readonly number[]): void;
}

export type Stored = Partial<AckData<'message:send'>>;

export function createAsks({ call, repeater, send, done }: AsksOptions): Asks {
  async function stored<T extends Stored>(ask: () => Promise<T>): Promise<T> {
    const data = await repeater.run(ask);
    done.stored(data);
    return data;
  }
  return {
    send,
    edit: <F extends EditFields>(message_id: number, fields: F) => {
      const edit = { ...fields, message_id, client_id: randomId() };
      return stored(() => call('message:edit', edit)) as Promise<Acked<'message:edit', F>>;
    },
    regenerate: (message_id, fields = {}) => {
      const again = { ...fields, message_id, client_id: randomId() };
      return stored(() => call('message:regenerate', again));
    },
    continue: (message_id) => {
      const ask = { message_id, client_id: randomId() };
      return stored(() => call('message:continue', ask));
    },
    select: async (message_id) => {
      const data = await repeater.run(() => call('message:select', { message_id }));
      done.selected(data);
      return data;
    },
    deleteMessage: async (message_id) => {
      const data = await repeater.run((repeated) => remove(call, message_id, repeated));
      done.deleted(data.message_ids);
      return data;
    },
  };
}

/** A deletion whose ack was lost finds nothing when it is repeated. */
async function remove(call: Call, message_id: number, repeated: boolean) {
  try {
    return await call('message:delete', { message_id });
  } catch (error) {
    const gone = repeated && error instanceof ParleyError && error.code === 'not_found';
    if (!gone) throw error;
    return { message_ids: [message_id] };
  }
}
