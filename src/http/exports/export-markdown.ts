import type { ConversationExport, ExportedMessage } from '../../contract/export.js';
import type { Language } from '../../contract/language.js';

type Head = Omit<ConversationExport, 'messages'>;

const TEXTS = {
  en: {
    untitled: 'Untitled conversation',
    exported: 'Exported',
    user: 'User',
    assistant: 'Assistant',
    system: 'System',
    running: '(This answer is still being written.)',
    empty: '(This answer has no text.)',
  },
  zh: {
    untitled: '未命名对话',
    exported: '导出时间',
    user: '用户',
    assistant: '助手',
    system: '系统',
    running: '（此回答仍在生成。）',
    empty: '（此回答没有文本。）',
  },
} as const satisfies Record<Language, Record<string, string>>;

type Texts = (typeof TEXTS)[Language];

/** One line, whatever is in it. */
const line = (text: string): string => text.replace(/\s+/gu, ' ').trim();

function speaker({ role, author, model }: ExportedMessage, texts: Texts): string {
  if (role === 'user') return line(author ?? texts.user);
  return model && role === 'assistant' ? `${texts.assistant} (${line(model)})` : texts[role];
}

function body({ role, status, content }: ExportedMessage, texts: Texts): string {
  if (status === 'queued' || status === 'streaming') return texts.running;
  return content === '' && role === 'assistant' ? texts.empty : content;
}

/** The active branch as a page to read: who said what, and when. */
export async function* conversationMarkdown(
  messages: AsyncGenerator<ExportedMessage>,
  head: Head,
  language: Language,
): AsyncGenerator<string> {
  const texts = TEXTS[language];
  yield `# ${line(head.title) || texts.untitled}\n\n${texts.exported}: ${head.exported_at}\n`;
  if (head.system_prompt) yield `\n## ${texts.system}\n\n${head.system_prompt}\n`;
  for await (const message of messages) {
    yield `\n## ${speaker(message, texts)} · ${message.created_at}\n\n${body(message, texts)}\n`;
  }
}
