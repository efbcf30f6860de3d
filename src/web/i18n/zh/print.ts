import type { PrintTexts } from '../en/print.js';

export const printZh: PrintTexts = {
  print: '打印',
  title: '正在准备打印',
  progress: (count) => `已读取 ${count} 条消息`,
  printed: (date, count) => `${date} · ${count} 条消息`,
  cut: (count) => `对话过长，仅打印最后 ${count} 条消息。`,
};
