/** The meanings of shapes. */
export const SHAPES: Readonly<Record<string, string>> = {
  'Response of `GET /auth/registration`.': '`GET /auth/registration` 的响应。',
  'Who may register. `first`: there is no account yet, and the first one becomes administrator. `open`: everybody. `invite`: people with an invitation. `closed`: nobody.':
    '谁可以注册。`first`：还没有账号，第一个账号将成为管理员。`open`：所有人。`invite`：持有邀请的人。`closed`：任何人都不可以。',
  'A user with their own limits, as administrators see them.':
    '用户及其单独设置的限额，供管理员查看。',
  'An invitation as its reader sees it. An `email` that is not null is the only one that may register with it.':
    '受邀者看到的邀请。`email` 不为空时，只有该邮箱可以凭它注册。',
  'Browsers get the two tokens as cookies, and not here. `expires_in` in seconds.':
    '对于浏览器，两个令牌通过 Cookie 传递，此处没有。`expires_in` 以秒为单位。',
  'A user, as the user and administrators see them.': '用户，供本人和管理员查看。',
  'A response without data. `message` is for people.': '不含数据的响应。`message` 供人阅读。',
  'A logged-in device. `device` is a readable name. `current`: it made this request.':
    '已登录的设备。`device` 是便于阅读的名称。`current`：是否由它发出此请求。',
  'A key with which a program acts for its user.': '程序代表用户操作时使用的密钥。',
  'A new key. `key` is never shown again.': '新密钥。`key` 只显示这一次。',
  "An address that is told of the user's answers.": '接收用户回答通知的地址。',
  'The last try to deliver something.': '最近一次投递。',
  'A new webhook. `secret` is never shown again.': '新的 Webhook。`secret` 只显示这一次。',
  'All data stored about a user: `GET /users/me/export`.':
    '存储的全部用户数据：`GET /users/me/export`。',
  'A device, including one that is logged out but not yet deleted.':
    '设备，包括已退出登录但尚未删除的。',
  'A key of the account, including one that is revoked but not yet deleted.':
    '账号的密钥，包括已吊销但尚未删除的。',
  'Tokens used on one day.': '一天的 token 用量。',
  'The answers of one model.': '某个模型的回答。',
  'A message, with its author by name.': '消息，附作者用户名。',
  'The side that wrote a message.': '消息由哪一方撰写。',
  'The status of a message. User messages are always `completed`.':
    '消息的状态。用户消息始终为 `completed`。',
  'Tokens. `estimated`: the model server sent no figures and the node counted.':
    'token 数。`estimated`：模型服务没有给出数字，由节点自行计数。',
  'Why an answer is `failed` or `interrupted`.': '回答为何是 `failed` 或 `interrupted`。',
  'Periods and days are those of UTC.': '周期和日期以 UTC 为准。',
  '`totals` are the sums of all users, on every page.': '每一页的 `totals` 都是所有用户的合计。',
  'A user with their usage of the current day and month.': '用户及其当天和当月的用量。',
  'Tokens of prompts and answers. A null `limit` means no limit.':
    '提示词和回答的 token 数。`limit` 为 null 表示不限。',
  "A user's usage of this month.": '用户当月的用量。',
  'The part of a user that others see.': '其他人可见的用户信息。',
  'A role with its permissions and quota.': '角色及其权限和配额。',
  'An invitation as administrators see it.': '管理员看到的邀请。',
  'What became of an invitation.': '邀请的结果。',
  'A new invitation. Its token is never shown again.': '新邀请。其令牌只显示这一次。',
  "Whether a model answers. `message` is for people. `words` are the model server's own, without keys. `ms`: until its first sign, or until it failed.":
    '模型能否回答。`message` 供人阅读；`words` 是模型服务的原话，已去除密钥；`ms` 是到第一个字符或失败为止的毫秒数。',
  'What the model server said of an answer that failed, without keys. It may quote the question.':
    '模型服务对失败回答给出的说明，已去除密钥。其中可能引用问题。',
  'A gateway process, as its heartbeat reports it.': '网关进程，内容来自其心跳。',
  'Answers that wait or run, on all nodes.': '所有节点上排队和生成中的回答。',
  'One entry of the audit log. Ids stay when their objects are deleted.':
    '审计日志的一条记录。对象删除后，其 id 仍然保留。',
  'A setting as it is in force on the node that replies.': '响应请求的节点上实际生效的设置。',
  'Response of `GET /` for other clients than browsers.': '`GET /` 对浏览器以外的客户端的响应。',
  'Response of `GET /health/ready`.': '`GET /health/ready` 的响应。',
  'The result of one readiness check.': '一项就绪检查的结果。',
  'Response of `POST /agent/chat`, after the answer has ended. `response` is its text.':
    '回答结束后 `POST /agent/chat` 的响应。`response` 是回答的文本。',
  'The status of an ended answer.': '已结束回答的状态。',
  'A model that users may choose.': '用户可选择的模型。',
  'Prices of a million tokens.': '每百万 token 的价格。',
  'A message, or a title, that has all words.': '包含所有词的消息或标题。',
  "A conversation, as a member sees it. Null settings mean the server's defaults.":
    '成员看到的对话。设置为 null 时使用服务器的默认值。',
  'Rights in a conversation: `viewer` reads, `editor` also writes, `owner` also deletes.':
    '在对话中的权限：`viewer` 可读，`editor` 还可写，`owner` 还可删除。',
  'When a message asks the model: `mention` only if it has `@ai`, or is sent with `answer: true`.':
    '消息何时向模型提问：`mention` 表示仅当含有 `@ai` 或以 `answer: true` 发送时。',
  "What the list shows of a conversation's answers.": '列表显示的对话回答状态。',
  "A message of a conversation's tree.": '对话树中的一条消息。',
  'How many messages of the branch above an answer the model got, and how many older ones were left out.':
    '回答上方的分支中，有多少条消息发给了模型，有多少条更早的被省略。',
  'One conversation: `GET /agent/conversations/:id/export?format=json`.':
    '单个对话：`GET /agent/conversations/:id/export?format=json`。',
  '`POST /agent/imports`.': '`POST /agent/imports`。',
  '`GET /agent/imports/:id`, and the event `import:progress`. Counts are of conversations.':
    '`GET /agent/imports/:id` 以及事件 `import:progress`。各计数均为对话数。',
  'Why an import is `failed`.': '导入为何是 `failed`。',
  'Why a conversation was not imported.': '对话未被导入的原因。',
  'Parts that an imported conversation lacks.': '导入的对话缺少什么。',
  'A question as it was stored. The answer is null if none was requested.':
    '已存储的问题。未请求回答时，回答为 null。',
  'The status of an answer after a stop.': '停止后回答的状态。',
  'The new or continued answer, and its conversation.': '新的或继续的回答，及其所属对话。',
  'The newest page of the branch that is now active.': '新的当前分支的最新一页。',
  'A member of a conversation.': '对话的成员。',
  'Text of a running answer beyond `from_seq`; `from_seq: 0` replaces what the reader had.':
    '生成中的回答在 `from_seq` 之后的文本；`from_seq: 0` 表示替换读者已有的内容。',
  'The reply to `generation:resume`.': '对 `generation:resume` 的回复。',
  'The status of an unfinished answer.': '未结束回答的状态。',
  'Sizes that a client must respect, as `server:hello` reports them.':
    '客户端必须遵守的大小限制，由 `server:hello` 给出。',
  'RFC 9457 problem details, the body of every REST error.':
    'RFC 9457 规定的错误详情，即所有 REST 错误的正文。',
  'One finding of validation; `path` is dotted (`cursors.0.seq`), empty for the whole value.':
    '校验发现的一个问题；`path` 以点分隔（`cursors.0.seq`），为空时指整个值。',
  'The problem of `POST /agent/chat` when the answer failed. It has the ids of the stored messages.':
    '回答失败时 `POST /agent/chat` 的错误。包含已存储消息的 id。',
  "Every error below `/v1`, in the shape that clients of OpenAI's API know.":
    '`/v1` 下的所有错误，采用 OpenAI API 客户端熟悉的格式。',
  'The body that a webhook receives.': 'Webhook 收到的正文。',
  'How an answer ended. It has no text: readers get the text with a key.':
    '回答如何结束。不含文本：有权者可凭密钥读取。',
  'The `error` of a negative ack, and the `data` of a `connect_error`.':
    '否定确认的 `error`，以及 `connect_error` 的 `data`。',
};
