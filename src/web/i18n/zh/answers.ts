import type { AnswerTexts } from '../en/answers.js';

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
  restarted: '回答因服务重启而中断，正在重新生成。在新内容超过旧内容之前，旧内容会一直保留。',
  facts: '关于此回答',
  model: '模型',
  time: '时间',
  took: (seconds) =>
    seconds < 60
      ? `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} 秒`
      : `${Math.floor(seconds / 60)} 分 ${Math.round(seconds % 60)} 秒`,
  tokensLabel: 'Token',
  tokens: (read, written) => `读取 ${read}，生成 ${written}`,
  estimated: (tokens) => `${tokens}（估算）`,
  cost: '费用',
  leftOut: '未包含的较早消息',
  serverSaid: '模型服务的原话（仅管理员可见）：',
};
