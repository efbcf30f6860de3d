import type { ExportFormat } from '../../contract/export.js';

/** The browser keeps the file; the page does not read it. */
export function download(conversationId: number, format: ExportFormat): void {
  const link = document.createElement('a');
  link.href = `/agent/conversations/${conversationId}/export?format=${format}`;
  link.download = '';
  link.click();
}
