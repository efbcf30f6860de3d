import type { ErrorCode } from '../contract/errors.js';
import type { Language } from '../contract/language.js';
import { describeReason, type RefusalReason } from './refusal-reasons.js';

export { type Language, pickLanguage } from '../contract/language.js';

interface ErrorText {
  title: string;
  detail: string;
}

const ENGLISH: Readonly<Record<ErrorCode, ErrorText>> = {
  validation_failed: { title: 'Invalid request', detail: 'Some values are not valid.' },
  malformed_json: { title: 'Malformed request', detail: 'The body could not be read as JSON.' },
  payload_too_large: { title: 'Too large', detail: 'The request is larger than allowed.' },
  unauthenticated: { title: 'Not logged in', detail: 'Please log in first.' },
  token_expired: { title: 'Token expired', detail: 'The token has expired. Please refresh it.' },
  token_invalid: { title: 'Invalid token', detail: 'The token is not valid.' },
  session_revoked: {
    title: 'Session ended',
    detail: 'This session has ended. Please log in again.',
  },
  key_revoked: { title: 'Key ended', detail: 'This key was revoked or has expired.' },
  refresh_reused: {
    title: 'Session ended',
    detail:
      'A token of this session was used twice, so it was ended for safety. Please log in again.',
  },
  invalid_credentials: { title: 'Login failed', detail: 'Email or password is wrong.' },
  account_disabled: { title: 'Account disabled', detail: 'This account has been disabled.' },
  forbidden: { title: 'Forbidden', detail: 'You are not allowed to do this.' },
  origin_not_allowed: {
    title: 'Origin not allowed',
    detail: 'This web page may not act for the logged-in user.',
  },
  not_found: { title: 'Not found', detail: 'This does not exist.' },
  email_taken: { title: 'Email taken', detail: 'An account with this email already exists.' },
  username_taken: { title: 'Username taken', detail: 'This username is taken.' },
  conflict: { title: 'Conflict', detail: 'This conflicts with the stored data.' },
  rate_limited: {
    title: 'Too many requests',
    detail: 'Too many requests. Please wait a moment and try again.',
  },
  quota_exceeded: {
    title: 'Quota exceeded',
    detail: 'Your quota is used up, or held by answers that have not ended yet.',
  },
  provider_error: { title: 'Model error', detail: 'The model refused or failed to answer.' },
  provider_unavailable: {
    title: 'Model unavailable',
    detail: 'The model cannot be reached right now. Please try again.',
  },
  unavailable: {
    title: 'Temporarily unavailable',
    detail: 'The service is not available right now. Please try again soon.',
  },
  internal: { title: 'Internal error', detail: 'Something went wrong on our side.' },
  unknown_event: { title: 'Unknown event', detail: 'This server does not know that event.' },
};

const CHINESE: Readonly<Record<ErrorCode, ErrorText>> = {
  validation_failed: { title: '请求无效', detail: '提交的内容中有无效的值。' },
  malformed_json: { title: '请求格式错误', detail: '请求正文不是有效的 JSON。' },
  payload_too_large: { title: '内容过大', detail: '提交的内容超过了允许的大小。' },
  unauthenticated: { title: '尚未登录', detail: '请先登录。' },
  token_expired: { title: '令牌已过期', detail: '令牌已过期，请刷新。' },
  token_invalid: { title: '令牌无效', detail: '令牌无效。' },
  session_revoked: { title: '会话已结束', detail: '此会话已结束，请重新登录。' },
  key_revoked: { title: '密钥已失效', detail: '此密钥已被撤销或已过期。' },
  refresh_reused: {
    title: '会话已结束',
    detail: '此登录凭据被重复使用，为安全起见已结束会话，请重新登录。',
  },
  invalid_credentials: { title: '登录失败', detail: '邮箱或密码错误。' },
  account_disabled: { title: '账号已停用', detail: '此账号已被停用。' },
  forbidden: { title: '没有权限', detail: '你没有权限执行此操作。' },
  origin_not_allowed: { title: '来源不被允许', detail: '此网页不能代表已登录的用户执行操作。' },
  not_found: { title: '未找到', detail: '请求的内容不存在。' },
  email_taken: { title: '邮箱已被注册', detail: '该邮箱已注册过账号。' },
  username_taken: { title: '用户名已被占用', detail: '该用户名已被占用。' },
  conflict: { title: '冲突', detail: '此操作与已保存的内容冲突。' },
  rate_limited: { title: '请求过于频繁', detail: '请求过于频繁，请稍后再试。' },
  quota_exceeded: { title: '配额已用完', detail: '你的配额已用完，或已被尚未结束的回答占用。' },
  provider_error: { title: '模型出错', detail: '模型拒绝回答或回答失败。' },
  provider_unavailable: { title: '模型不可用', detail: '暂时无法连接模型，请重试。' },
  unavailable: { title: '服务暂不可用', detail: '服务暂时不可用，请稍后再试。' },
  internal: { title: '内部错误', detail: '服务器出现了问题。' },
  unknown_event: { title: '未知事件', detail: '服务器不认识此事件。' },
};

const TEXTS: Readonly<Record<Language, Readonly<Record<ErrorCode, ErrorText>>>> = {
  en: ENGLISH,
  zh: CHINESE,
};

/** A sentence for people about an error, in their language. A reason says more than the code. */
export const describeError = (
  code: ErrorCode,
  language: Language,
  reason?: RefusalReason,
): string => (reason ? describeReason(reason, language) : TEXTS[language][code].detail);

/** A few words naming the error, for headings. */
export const titleError = (code: ErrorCode, language: Language): string =>
  TEXTS[language][code].title;
