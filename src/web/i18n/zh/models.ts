import type { ModelTexts } from '../en/models.js';

export const modelsZh: ModelTexts = {
  model: '模型',
  settings: '模型与设置',
  standard: (name) => `默认（${name}）`,
  gone: (id) => `已不可用：${id}`,
  goneHint: '此模型已不可用，请选择其他模型。',
  from: (provider) => `由 ${provider} 提供`,
  contextWindow: (tokens) => `上下文 ${tokens} token`,
  maxOutput: (tokens) => `回答最长 ${tokens} token`,
  vision: '可识别图片',
  reasoning: '回答前会先思考',
  price: (input, output) => `每百万 token 输入 ${input}，输出 ${output}`,
  systemPrompt: '系统提示词',
  systemPromptHint: '在对话开始之前告诉模型的内容。留空则不发送。',
  standardPrompt: '使用服务器的默认值',
  temperature: '温度',
  temperatureHint: '0 到 2，数值越大回答越多样。留空则使用默认值。',
  maxTokens: '回答的最大 token 数',
  maxTokensHint: '留空则使用默认值。',
  onMention: '仅回答包含 @ai 的消息',
  save: '保存',
};
