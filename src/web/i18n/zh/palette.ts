import type { PaletteTexts } from '../en/palette.js';

export const paletteZh: PaletteTexts = {
  title: '命令面板',
  placeholder: '搜索，或输入命令',
  conversation: '当前对话',
  page: '命令',
  conversations: '对话',
  messages: '搜索结果',
  nothing: (query) => `没有找到“${query}”。`,
  count: (count) => `${count} 项`,
  set: (name, value) => `${name}：${value}`,
  searchList: '在列表中搜索',
};
