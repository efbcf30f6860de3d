import type { KeyTexts } from './keys-en.js';

export const keysZh: KeyTexts = {
  title: '程序密钥',
  hint: '程序使用密钥，而不是你的密码。',
  create: '创建密钥',
  newKey: '新密钥',
  shownOnce: '请立即复制，之后不会再次显示。任何持有它的人都能以你的身份操作。',
  name: '名称',
  nameHint: '方便你区分各个密钥。',
  mayDo: '程序可以',
  scopes: {
    chat: '提问，并读取自己得到的回答',
    read: '读取所有对话',
    write: '创建、更改和删除',
  },
  lasts: '有效期',
  days: (days) => `${days} 天`,
  forever: '不限',
  noScope: '请选择程序可以做什么。',
  tooMany: '密钥太多了，请先撤销一个。',
  unused: '尚未使用',
  lastUsed: (when) => `最近使用：${when}`,
  expires: (day) => `${day} 过期`,
  expired: (day) => `已于 ${day} 过期`,
  revoke: '撤销',
  revokeKey: (name) => `撤销 ${name}`,
  revoked: (name) => `${name} 已失效。`,
};
