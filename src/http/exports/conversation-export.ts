import type { Response } from 'express';
import type { ConversationExport, ExportFormat } from '../../contract/export.js';
import type { Language } from '../../contract/language.js';
import type { ExportService } from '../../domain/accounts/export-service.js';
import type { AuthenticatedUser } from '../../domain/sessions/auth-service.js';
import { type Admit, type Reader, sendDownload } from './download.js';
import { exportFileName } from './export-file-name.js';
import { conversationJson } from './export-json.js';
import { conversationMarkdown } from './export-markdown.js';

const PERMISSION = 'conversations:read';

const KINDS: Record<ExportFormat, { ending: string; type: string }> = {
  json: { ending: 'json', type: 'application/json; charset=utf-8' },
  markdown: { ending: 'md', type: 'text/markdown; charset=utf-8' },
};

export interface ConversationExportCall {
  id: number;
  format: ExportFormat;
  language: Language;
  principal: AuthenticatedUser;
}

type Source = Pick<ExportService, 'conversation' | 'messages' | 'branch'>;

/** Sends one conversation to a member. Membership is checked again before each page. @throws AppError `not_found` */
export async function sendConversation(
  res: Response,
  source: Source,
  { id, format, language, principal }: ConversationExportCall,
  rights: Reader['rights'],
): Promise<void> {
  const { userId, user } = principal;
  const conversation = await source.conversation(userId, id);
  const { ending, type } = KINDS[format];
  const head: Omit<ConversationExport, 'messages'> = {
    exported_at: new Date().toISOString(),
    exported_by: user.username,
    ...conversation,
  };
  const text = (admit: Admit) =>
    format === 'json'
      ? conversationJson(source, head, admit)
      : conversationMarkdown(source.branch(conversation, admit), head, language);
  const admit = async () => {
    await rights.require(principal, PERMISSION);
    await source.conversation(userId, id);
  };
  const fileName = exportFileName(conversation, ending);
  await sendDownload(
    res,
    { fileName, type, text, admit },
    { principal, permission: PERMISSION, rights },
  );
}
