import type { AckData } from '../events.js';
import type { ConversationExport, ExportFormat } from '../export.js';
import type { ImportReport, ImportStarted } from '../imports.js';
import type {
  Acknowledgement,
  ChatBody,
  ChatResponse,
  ContinueBody,
  Conversation,
  ConversationChanges,
  ConversationFields,
  ConversationListQuery,
  EditBody,
  Message,
  MessagePageQuery,
  ModelInfo,
  RegenerateBody,
  SendBody,
} from '../rest.js';
import type { SearchPage, SearchQuery } from '../search.js';
import type { StreamQuery } from '../stream.js';

/** Conversations and their messages. */
export interface AgentCalls {
  /**
   * Asks, and responds when the answer has ended. Without a conversation it creates one. Closing the request does not
   * cancel the answer. With `Accept: text/event-stream` the answer is streamed as it comes.
   * @throws `not_found` if the conversation does not exist, or belongs to somebody else
   * @throws `conflict` if the `client_id` was used for another message
   * @throws `quota_exceeded` if the quota is exhausted
   * @throws `provider_error` if the model refused; the problem has the ids of the stored messages
   * @throws `provider_unavailable` if the model cannot be reached; the problem has the ids of the stored messages
   * @produces text/event-stream
   * @rate message
   */
  'POST /agent/chat': { body: ChatBody; response: ChatResponse };
  /** Lists the models that may be chosen. */
  'GET /agent/models': { response: ModelInfo[] };
  /**
   * Finds messages and titles that have all words, the newest first.
   * @event conversation:search
   */
  'GET /agent/search': { query: SearchQuery; response: SearchPage };
  /**
   * Lists one's conversations, newest activity first.
   * @event conversation:list
   * @pages
   */
  'GET /agent/conversations': { query: ConversationListQuery; response: Conversation[] };
  /**
   * Creates a conversation.
   * @event conversation:create
   */
  'POST /agent/conversations': { body: ConversationFields; response: Conversation };
  /** Reads a conversation. */
  'GET /agent/conversations/:id': { response: Conversation };
  /**
   * Changes a conversation, and one's own marks of it. Omitted fields stay unchanged.
   * @event conversation:update
   */
  'PATCH /agent/conversations/:id': { body: ConversationChanges; response: Conversation };
  /**
   * Deletes a conversation for all its members, and stops its running answers. For five minutes it can be restored.
   * @event conversation:delete
   */
  'DELETE /agent/conversations/:id': { response: Acknowledgement };
  /**
   * Undoes the deletion of a conversation.
   * @event conversation:restore
   */
  'POST /agent/conversations/:id/restore': { response: AckData<'conversation:restore'> };
  /**
   * Reads a page of a branch, oldest first: the last page, or the one that ends before a message.
   * @event conversation:open
   * @pages
   */
  'GET /agent/conversations/:id/messages': { query: MessagePageQuery; response: Message[] };
  /**
   * Downloads the active branch as text, or all branches as JSON that can be imported.
   * @produces text/markdown
   * @rate export
   */
  'GET /agent/conversations/:id/export': {
    query: { format?: ExportFormat };
    response: ConversationExport;
  };
  /**
   * Imports conversations from a file of Parley, ChatGPT, LibreChat or Open WebUI. The import goes on after the
   * response.
   * @throws `validation_failed` if there is no file, or more than one
   * @throws `malformed_json` if the form breaks off
   * @throws `payload_too_large` if the file is too large
   * @upload
   * @rate import
   */
  'POST /agent/imports': { response: ImportStarted };
  /** Reports how far an import is. */
  'GET /agent/imports/:id': { response: ImportReport };
  /**
   * Stores a message and asks the model. The answer comes by the stream of `assistant_message`, or by sockets.
   * @throws `not_found` if the conversation does not exist, or belongs to somebody else
   * @throws `conflict` if the `client_id` was used for another message
   * @throws `quota_exceeded` if the quota is exhausted
   * @event message:send
   * @rate message
   */
  'POST /agent/messages': { body: SendBody; response: AckData<'message:send'> };
  /** Reads a message. */
  'GET /agent/messages/:id': { response: Message };
  /**
   * Streams an answer as server-sent events, on any node, from any position on. An answer that has ended gives its
   * text, its end, and the stream ends.
   * @throws `conflict` if the message is no answer
   * @streams
   * @header Last-Event-ID The id of the last event that was received. It counts before the query.
   * @event generation:resume
   */
  'GET /agent/messages/:id/stream': { query: StreamQuery; response: string };
  /**
   * Stops an answer, and keeps its text so far.
   * @event generation:stop
   */
  'POST /agent/messages/:id/stop': { response: AckData<'generation:stop'> };
  /**
   * Stores another text for a message. An edited question is answered again.
   * @throws `conflict` if the message is in no state that can be edited, or the `client_id` was used otherwise
   * @throws `quota_exceeded` if the quota is exhausted
   * @event message:edit
   * @rate message
   */
  'POST /agent/messages/:id/edit': { body: EditBody; response: AckData<'message:edit'> };
  /**
   * Asks for another answer to the same question.
   * @throws `conflict` if the message is no answer, or the `client_id` was used otherwise
   * @throws `quota_exceeded` if the quota is exhausted
   * @event message:regenerate
   * @rate message
   */
  'POST /agent/messages/:id/regenerate': {
    body: RegenerateBody;
    response: AckData<'message:regenerate'>;
  };
  /**
   * Continues an answer that was stopped, interrupted or cut off at its longest length.
   * @throws `conflict` if the answer cannot be continued, or the `client_id` was used otherwise
   * @throws `quota_exceeded` if the quota is exhausted
   * @event message:continue
   * @rate message
   */
  'POST /agent/messages/:id/continue': {
    body: ContinueBody;
    response: AckData<'message:continue'>;
  };
  /**
   * Makes the branch through a message the active one, for all members.
   * @event message:select
   */
  'POST /agent/messages/:id/select': { response: AckData<'message:select'> };
  /**
   * Deletes a message and everything below it.
   * @throws `conflict` if too many messages are below it
   * @event message:delete
   */
  'DELETE /agent/messages/:id': { response: AckData<'message:delete'> };
}
