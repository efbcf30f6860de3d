import type { WebhookTexts } from '../en/webhooks.js';

export const webhooksZh: WebhookTexts = {
  title: 'Webhook',
  hint: '当你没有打开的对话中有回答结束时，通知你的程序。',
  create: '添加 Webhook',
  url: '地址',
  urlHint: '以 https:// 开头，且可从互联网访问。',
  about: '何时通知',
  events: {
    'answer.completed': '回答完成',
    'answer.failed': '回答失败',
  },
  noEvent: '请至少选择一项。',
  tooMany: 'Webhook 数量已达上限，请先删除一个。',
  newSecret: '签名密钥',
  shownOnce: '请立即复制，之后不会再次显示。你的程序需要用它验证收到的内容。',
  unused: '尚未发送',
  delivered: (when) => `最近送达：${when}`,
  failed: (when, status) =>
    status === null ? `${when}没有响应` : `${when}失败（状态码 ${status}）`,
  remove: '删除',
  removeOne: (host) => `删除指向 ${host} 的 Webhook`,
  removed: (host) => `不会再向 ${host} 发送任何内容。`,
};
