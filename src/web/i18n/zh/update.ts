import type { UpdateTexts } from '../en/update.js';

export const updateZh: UpdateTexts = {
  reloading: 'Parley 已更新，正在重新加载页面；已输入的内容会保留。',
  updated: 'Parley 已更新。完成手头的操作后，请重新加载页面。',
  reload: '重新加载',
  ready: '有新版本可用。',
  later: '暂不更新',
  needed: '此页面的版本比服务器旧。请重新加载；已输入的内容会保留。',
};
