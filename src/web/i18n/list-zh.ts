import type { ListTexts } from './list-en.js';

export const listZh: ListTexts = {
  more: '更多',
  pin: '置顶',
  unpin: '取消置顶',
  archive: '归档',
  unarchive: '移出归档',
  pinned: '置顶',
  archived: '已归档',
  showArchived: '已归档的对话',
  back: '返回全部对话',
  nothingArchived: '没有已归档的对话。',
  wasArchived: '已归档。',
  wasDeleted: '已删除。',
  undo: '撤销',
  results: '搜索结果',
  said: (who) => `${who}：`,
  found: (count, more) => (more ? `超过 ${count} 条结果` : `${count} 条结果`),
  otherBranch: '这条消息属于此对话的较早版本。',
  toCurrent: '返回当前版本',
  continueHere: '从此版本继续',
  unread: (count) => `${count} 条新消息`,
};
