import type { ModelFault } from '../admin.js';
import type { Language } from '../language.js';

/**
 * Administrators read these, and can fix the fault. Nothing in them comes from the model server, which may quote the
 * key.
 */
const TEXTS: Readonly<Record<ModelFault | 'none', Readonly<Record<Language, string>>>> = {
  none: { en: 'It answers.', zh: '模型能正常回答。' },
  credentials: {
    en: 'The model server refused the API key.',
    zh: '模型服务拒绝了 API 密钥。',
  },
  not_found: {
    en: 'The model server does not know this model, or the address is wrong.',
    zh: '模型服务中没有这个模型，或服务地址有误。',
  },
  refused: {
    en: 'The model server did not accept the request.',
    zh: '模型服务没有接受请求。',
  },
  too_long: {
    en: 'The system prompt is too long for this model.',
    zh: '系统提示词超出了该模型的长度限制。',
  },
  reported: {
    en: 'The model server reported an error.',
    zh: '模型服务报告了错误。',
  },
  broken: {
    en: 'The reply is not an answer from a model. The address may be wrong.',
    zh: '返回的内容不是模型的回答，服务地址可能有误。',
  },
  too_large: {
    en: 'The model server sent too much at once.',
    zh: '模型服务一次发送的内容过大。',
  },
  busy: {
    en: 'The model server is too busy, or its quota is used up.',
    zh: '模型服务过于繁忙，或额度已用完。',
  },
  failing: {
    en: 'The model server failed with an internal error.',
    zh: '模型服务自身出现故障。',
  },
  unreachable: {
    en: 'The model server cannot be reached. The address may be wrong, or the server is not running.',
    zh: '无法连接模型服务，可能是地址有误，或服务没有运行。',
  },
  lost: {
    en: 'The connection to the model server was lost.',
    zh: '与模型服务的连接已中断。',
  },
  no_answer: {
    en: 'The model server did not answer in time.',
    zh: '模型服务没有及时回答。',
  },
  silent: {
    en: 'The model server fell silent.',
    zh: '模型服务中途没有了响应。',
  },
  too_slow: {
    en: 'The answer took longer than is allowed.',
    zh: '回答用时超过了允许的时间。',
  },
};

/** Null: the model answers. */
export const describeFault = (fault: ModelFault | null, language: Language): string =>
  TEXTS[fault ?? 'none'][language];

export const MODEL_FAULTS = Object.keys(TEXTS).filter((key) => key !== 'none') as ModelFault[];
