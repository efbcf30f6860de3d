import type { ImportTexts } from '../en/imports.js';

export const importsZh: ImportTexts = {
  title: '导入对话',
  hint: '支持 Parley、ChatGPT、LibreChat 和 Open WebUI 导出的 zip 或 JSON 文件。',
  choose: '选择文件',
  sending: '正在上传文件…',
  running: (found) => `正在导入：已处理 ${found} 个对话…`,
  imported: (count) => `已导入 ${count} 个对话。`,
  duplicates: (count) => `已存在：${count} 个。`,
  leftOut: (count) => `未导入：${count} 个。`,
  details: '详情',
  untitled: '未命名',
  reason: (title, reason) => `${title}：${reason}`,
  skipped: {
    empty: '没有消息',
    unreadable: '无法读取或已损坏',
    too_large: '过大',
    too_many_messages: '消息过多',
  },
  notes: {
    text_cut: '过长的文本已截断',
    files_left_out: '不含图片和文件',
  },
  failures: {
    malformed_json: '文件已损坏或不完整。',
    unknown_format: '此文件中没有可导入的对话。',
    payload_too_large: '文件解压后超过服务器允许的大小。',
    archive_damaged: 'zip 文件已损坏或不完整。',
    archive_encrypted: 'zip 文件已加密。请先解压，再导入其中的文件。',
    archive_unsafe: 'zip 文件不安全，无法打开。',
    interrupted: '导入被中断。请重新导入该文件，已有内容不会重复添加。',
  },
  tooLarge: '文件超过此服务器允许的大小。',
  busy: '另一个导入仍在进行，请在其结束后重试。',
  failed: '导入失败。',
  exportMarkdown: '导出为 Markdown',
  exportJson: '导出为 JSON',
};
