import type { OfflineTexts } from '../en/offline.js';

export const offlineZh: OfflineTexts = {
  kept: (when) => `此设备上保存的内容（${when}）。恢复连接后会显示更新的消息。`,
  missing: '此对话没有保存在此设备上。恢复连接后即可打开。',
  search: '当前没有连接。恢复连接后即可搜索。',
};
