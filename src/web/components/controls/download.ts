import type { ExportFormat } from '../../../contract/export.js';

/** The browser keeps the file; the page does not read it. */
export function download(conversationId: number, format: ExportFormat): void {
  const link = document.createElement('a');
  link.href = `/agent/conversations/${conversationId}/export?format=${format}`;
  link.download = '';
  link.click();
}

/** Gives the reader a text as a file. */
export function saveText(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
