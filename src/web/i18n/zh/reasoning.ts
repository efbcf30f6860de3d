import type { ReasoningTexts } from '../en/reasoning.js';

const duration = (seconds: number) =>
  seconds < 60 ? `${seconds} 秒` : `${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒`;

export const reasoningZh: ReasoningTexts = {
  reasons: (seconds) => (seconds === null ? '正在思考…' : `正在思考，已用时 ${duration(seconds)}…`),
  reasoned: (seconds) => (seconds === null ? '思考过程' : `思考用时 ${duration(seconds)}`),
};
