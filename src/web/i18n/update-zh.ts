import type { UpdateTexts } from './update-en.js';

export const updateZh: UpdateTexts = {
  reloading: 'Parley 已更新，正在重新加载页面；已输入的内容会保留。',
  updated: 'Parley 已更新。完成手头的操作后，请重新加载页面。',
  reload: '重新加载',
};
