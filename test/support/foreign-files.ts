/** Files as other products write them, in as few words as a test needs. */

type Json = Record<string, unknown>;

/** A node of ChatGPT's: its id, its parent, who speaks, and what; or a whole message. */
export type GptNode = [id: string, parent: string | null, role: string, said: string | Json];

const SECOND = 1_750_000_000;

function gptMessage(id: string, role: string, said: string | Json, place: number): Json {
  const content = { content_type: 'text', parts: [said] };
  const message = {
    id,
    author: { role, name: null, metadata: {} },
    create_time: SECOND + place,
    content,
    status: 'finished_successfully',
    weight: 1,
    recipient: 'all',
    channel: null,
    metadata: role === 'assistant' ? { model_slug: 'gpt-of-then' } : {},
  };
  return typeof said === 'string' ? message : { ...message, ...said };
}

/** The root has no message, as in real files, and hangs above everything without a parent. */
export function gpt(id: string, nodes: readonly GptNode[], more: Json = {}): Json {
  const mapping: Record<string, Json> = {
    root: { id: 'root', message: null, parent: null, children: [] },
  };
  for (const [place, [node, parent, role, said]] of nodes.entries()) {
    const message = gptMessage(node, role, said, place);
    mapping[node] = { id: node, message, parent: parent ?? 'root', children: [] };
  }
  for (const [node, { parent }] of Object.entries(mapping)) {
    const above = mapping[String(parent)];
    if (Array.isArray(above?.children)) above.children.push(node);
  }
  return {
    id,
    conversation_id: id,
    title: `chat ${id}`,
    create_time: SECOND,
    update_time: SECOND + 100.25,
    current_node: nodes.at(-1)?.[0],
    mapping,
    ...more,
  };
}

/** Question and answer. */
export const simple = (id: string): Json =>
  gpt(id, [
    ['q', null, 'user', `question ${id}`],
    ['a', 'q', 'assistant', `answer ${id}`],
  ]);

export const content = (content_type: string, fields: Json, more: Json = {}): Json => ({
  content: { content_type, ...fields },
  ...more,
});

/** A message of LibreChat's. */
export const libre = (messageId: string, text: string, more: Json = {}): Json => ({
  messageId,
  text,
  sender: more.isCreatedByUser ? 'User' : 'Bot',
  isCreatedByUser: false,
  createdAt: '2025-03-01T10:00:00.000Z',
  error: false,
  ...more,
});

export const libreFile = (conversationId: string, messages: unknown[], more: Json = {}): Json => ({
  conversationId,
  endpoint: 'openAI',
  title: `talk ${conversationId}`,
  exportAt: '13:18:04 GMT-0400 (Eastern Daylight Time)',
  branches: true,
  recursive: true,
  messages,
  ...more,
});

/** An entry of Open WebUI's; messages by id, in no order. */
export function webui(id: string, messages: Record<string, Json>, more: Json = {}): Json {
  for (const [key, message] of Object.entries(messages)) {
    message.id = key;
    message.childrenIds ??= Object.keys(messages).filter(
      (other) => messages[other]?.parentId === key,
    );
  }
  return {
    id,
    title: `webui ${id}`,
    created_at: SECOND,
    updated_at: SECOND + 50,
    chat: { title: `webui ${id}`, models: ['llama'], history: { messages, ...more } },
  };
}
