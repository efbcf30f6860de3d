import type { endingsEn } from '../en/endings.js';

type Endings = typeof endingsEn;

const answerErrors: Endings['answerErrors'] = {
  validation_failed: '问题中含有无法处理的内容。',
  malformed_json: '问题在传输中损坏。',
  payload_too_large: '问题太长。',
  unauthenticated: '回答开始前你已退出登录。',
  token_expired: '回答开始前登录已过期。',
  token_invalid: '登录已失效。',
  session_revoked: '回答开始前此设备已退出登录。',
  key_revoked: '回答开始前此密钥已被撤销。',
  refresh_reused: '为了安全，此设备已退出登录。',
  invalid_credentials: '登录已失效。',
  account_disabled: '回答开始前账号已被停用。',
  forbidden: '你没有使用此模型的权限。',
  origin_not_allowed: '此地址不允许使用该服务器。',
  not_found: '对话或模型已不存在。',
  email_taken: '账号信息在此期间已更改。',
  username_taken: '账号信息在此期间已更改。',
  conflict: '对话在此期间已更改。',
  rate_limited: '同时提出的问题太多。',
  quota_exceeded: '回答开始前配额已用完。',
  provider_error: '模型拒绝了该问题，或返回了无法识别的内容。',
  provider_unavailable: '模型无法连接、繁忙或没有响应。',
  unavailable: '服务器多次尝试后仍未能完成回答。',
  internal: '服务器出了点问题。',
  unknown_event: '服务器暂不支持此操作。',
};

export const endingsZh: Endings = {
  answerErrors,
  causes: {
    'The model server refused the credentials of this service.': '模型服务器拒绝了 API 密钥。',
    'The model server does not know this model.': '模型服务器上没有这个模型。',
    'The model server did not accept the request.': '模型服务器没有接受请求。',
    'The conversation is too long for this model.': '对话太长，超出了此模型的限制。',
    'The model server reported an error.': '模型服务器报告了错误。',
    'The model server sent something that could not be understood.':
      '模型服务器返回了无法识别的内容。',
    'The model server sent more at once than can be accepted.':
      '模型服务器一次返回的内容超出了限制。',
    'The model server is too busy at the moment.': '模型服务器目前繁忙。',
    'The model server has a problem at the moment.': '模型服务器目前出现故障。',
    'The model server cannot be reached at the moment.': '目前无法连接模型服务器。',
    'The connection to the model server was lost.': '与模型服务器的连接已断开。',
    'The model server did not answer in time.': '模型服务器没有及时响应。',
    'The model server fell silent.': '模型服务器停止了响应。',
    'The answer took longer than is allowed.': '回答用时超出了限制。',
    'The answer was too long and was cut.': '回答长度超出了限制。',
    'The answer could not be stored.': '回答无法保存。',
    'The model broke off without finishing.': '模型未完成回答就中断了。',
  },
  endings: {
    stop: { cut: '', empty: '模型没有写出任何内容就结束了。' },
    length: {
      cut: '回答已达到长度上限，在此处截断。',
      empty:
        '模型还没有写出正文就用完了长度上限（例如用于思考）。可以调大 max_tokens，或缩小问题范围。',
    },
    content_filter: {
      cut: '模型服务器的内容过滤在此处截断了回答。',
      empty: '模型服务器的内容过滤拦截了回答。换一种说法或许可行。',
    },
    tool_calls: {
      cut: '模型想在此处调用工具，但本对话不提供工具。',
      empty: '模型没有回答，而是想调用工具，但本对话不提供工具。',
    },
  },
  endedOtherwise: (reason) => `模型服务器给出了不常见的结束原因：“${reason}”。`,
  noText: '没有得到回答。',
  stopped: '已停止',
  stoppedByQuota: '配额已用完，回答已停止。',
  showUsage: '查看用量',
  stoppedEmpty: '已停止，尚未收到文字',
  interrupted: '回答在此处中断。',
  failed: '没有得到回答。',
  unknownCause: '原因未知。',
  failedRetryable: '重试可能有效。',
  failedFinal: '重试多半无效。',
  failedQuota: '配额将在次日或次月恢复。',
  betweenSentences: '',
  askAgain: '重新提问',
  continueAnswer: '继续',
};
