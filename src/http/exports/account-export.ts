import type { Response } from 'express';
import type { ExportService } from '../../domain/accounts/export-service.js';
import type { AuthenticatedUser } from '../../domain/sessions/auth-service.js';
import { type Reader, sendDownload } from './download.js';
import { accountJson, type ExportSource } from './export-json.js';

type Source = ExportSource & Pick<ExportService, 'head'>;

/** Sends all data stored about a user. One's own account needs no permission. */
export async function sendExport(
  res: Response,
  source: Source,
  principal: AuthenticatedUser,
  rights: Reader['rights'],
  stalledMs?: number,
): Promise<void> {
  const head = await source.head(principal.user);
  const download = {
    fileName: 'parley-export.json',
    type: 'application/json; charset=utf-8',
    text: (admit: () => Promise<void>) => accountJson(source, principal.userId, head, admit),
    admit: () => rights.require(principal, null),
  };
  await sendDownload(res, download, { principal, permission: null, rights }, stalledMs);
}
