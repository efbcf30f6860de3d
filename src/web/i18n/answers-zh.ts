import type { AnswerTexts } from './answers-en.js';

export const answersZh: AnswerTexts = {
  code: '代码',
  copy: '复制',
  copied: '已复制',
  copyCode: '复制代码',
  wrap: '换行',
  wrapCode: '换行显示较长的代码行',
  download: '下载',
  downloadCode: '下载代码',
  table: '表格',
  footnote: (number) => `${number}：脚注`,
  backToText: '返回正文',
};
