import type { Conversation, ConversationAnswer } from '../../contract/rest.js';
import type { Call } from '../call.js';
import { ConversationList } from './conversation-list.js';

/** The user's conversations under each filter, with changes told to all of them. */
export class ConversationLists {
  readonly active: ConversationList;
  readonly pinned: ConversationList;
  readonly archived: ConversationList;
  readonly all: readonly ConversationList[];

  constructor(call: Call) {
    this.active = new ConversationList(call);
    this.pinned = new ConversationList(call, 'pinned');
    this.archived = new ConversationList(call, 'archived', false);
    this.all = [this.active, this.pinned, this.archived];
  }

  put(conversation: Conversation): void {
    for (const list of this.all) list.put(conversation);
  }

  answered(id: number, answer: ConversationAnswer | null): void {
    for (const list of this.all) list.answered(id, answer);
  }

  remove(id: number): void {
    for (const list of this.all) list.remove(id);
  }

  reload(): void {
    for (const list of this.all) list.reload();
  }

  lost(): void {
    for (const list of this.all) list.lost();
  }
}
