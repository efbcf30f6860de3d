/** The meanings of fields. */
export const FIELDS: Readonly<Record<string, string>> = {
  'Its length is counted in bytes of UTF-8': '长度按 UTF-8 字节计算',
  'The token of an invitation.': '邀请的令牌。',
  'The name helps people to tell keys apart.': '供人区分密钥。',
  'Default: `chat`.': '默认为 `chat`。',
  'The key is dead from then on. Default: never.': '密钥自此失效。默认永不失效。',
  'At most `LIMITS.invitationHours`; by default `LIMITS.invitationHoursDefault`.':
    '最多 `LIMITS.invitationHours`；默认为 `LIMITS.invitationHoursDefault`。',
  'Words in any order; each is found also within a word.': '任意顺序的词；也能在较长的词中间找到。',
  'Reads the branch that ends here instead of the active one.':
    '读取在此结束的分支，而不是当前分支。',
  'Whether the model answers. By default the `reply_mode` of the conversation decides.':
    '模型是否回答。默认由对话的 `reply_mode` 决定。',
  'Stops the running answer of the conversation, and asks next.':
    '停止对话中正在生成的回答，接着提问。',
  '`<attempt>-<seq>`, the id of the last event that was received.':
    '`<attempt>-<seq>`，最后收到的事件的 id。',
  'Shows the branch that ends here instead of the active one; for this device only.':
    '显示在此结束的分支，而不是当前分支；仅对本设备有效。',
  'Empty, if the delta has only reasoning.': '增量只含思考过程时为空。',
  'Absent, if it has only text.': '增量只含文本时没有此字段。',
  'The `seq` of the last delta.': '最后一个增量的 `seq`。',
  'UTF-8 length of the whole text.': '全文的 UTF-8 长度。',
  'Its receipt: the lower-case hex digest of the UTF-8 text.':
    '其校验值：UTF-8 文本摘要的小写十六进制形式。',
  'Present if the model has reasoned.': '模型有思考过程时才有。',
  'Present if another model than the one that was asked has answered.':
    '实际回答的模型与所请求的不同时才有。',
  'Present if older messages were left out of the prompt.': '提示词省略了较早的消息时才有。',
  'The build of the chat page that the node serves; null if it has none. Other pages offer to load it.':
    '节点提供的聊天页面的构建版本；没有页面时为 null。其他版本的页面会提示加载它。',
  'How the key begins.': '密钥的开头部分。',
  'Null: it does not expire.': 'null 表示不会过期。',
  'Exact to the minute; null until it is used.': '精确到分钟；使用之前为 null。',
  'Null: nothing was sent yet.': 'null 表示尚未发送过。',
  'Whether the receiver accepted it.': '接收方是否接受。',
  'HTTP status of the receiver; null: there was no response.':
    '接收方的 HTTP 状态码；null 表示没有响应。',
  '`whsec_` and the key of the signature in base64.': '`whsec_` 加上 base64 形式的签名密钥。',
  'Their secrets are left out.': '不含其签名密钥。',
  "The user's own conversations, each with the messages of all its branches, oldest first.":
    '用户自己的对话，各含其所有分支的消息，旧的在前。',
  "The reader's own, like `archived`; other members have theirs.":
    '与 `archived` 一样属于读者本人；其他成员各有自己的标记。',
  'The reader has read everything up to this id.': '读者已读到此 id。',
  '`YYYY-MM-DD`, UTC.': '`YYYY-MM-DD`，UTC。',
  'The same by model.': '按模型细分的同样数据。',
  'A username. The export has nothing else about other users.':
    '用户名。导出内容不含其他用户的任何其他信息。',
  'Empty while `queued` or `streaming`: the text is then in the live log.':
    '`queued` 或 `streaming` 期间为空：此时文本在实时日志中。',
  "The model's reasoning; null if there was none, and while `queued` or `streaming`.":
    '模型的思考过程；没有思考时，以及 `queued` 或 `streaming` 期间为 null。',
  'The model that answers.': '负责回答的模型。',
  'Tokens of the prompt that the model server had in its cache.':
    '提示词中命中模型服务缓存的 token 数。',
  'Tokens of the completion that were reasoning.': '生成内容中属于思考过程的 token 数。',
  "Cost in the currency of the model's price; null without a price.":
    '以模型价格的货币计；没有价格时为 null。',
  'The models of this month; most tokens first.': '当月数据；token 多的在前。',
  'Days with usage among the last 31, oldest first.': '最近 31 天中有用量的日期，旧的在前。',
  'Tokens held by answers that wait or run. When these end, their usage becomes part of `tokens`.':
    '由排队或生成中的回答预留。回答结束后，实际用量计入 `tokens`。',
  "Cost in the currency of the models' prices; null if that is unknown, or if there are several.":
    '以模型价格的货币计；货币未知或有多种时为 null。',
  '`day` is `YYYY-MM-DD`, in UTC.': '`day` 为 `YYYY-MM-DD`，以 UTC 计。',
  'It cannot be deleted. The permissions of `admin` cannot be changed either.':
    '不能删除。`admin` 的权限也不能更改。',
  'Null: anybody may use it, or it has been used.': 'null 表示任何人都可使用，或已被使用。',
  'Null until it is used, and when that account is gone.': '使用之前，以及该账号删除之后为 null。',
  'The page with the token after `#`, which no browser sends.':
    '页面地址，令牌在 `#` 之后，浏览器不会发送这一部分。',
  "Whether other nodes' events reach it.": '能否收到其他节点的事件。',
  'Its heartbeat is recent.': '近期有心跳。',
  'It was asked to drain, and ends when its answers have.': '已要求排空，其回答全部结束后退出。',
  'Answers that it is writing.': '正在此节点上生成的回答数。',
  'Age of the answer that waits longest; 0 without any.':
    '排队最久的回答已等待的时间；没有时为 0。',
  'Nodes with running answers.': '有回答正在生成的节点。',
  'Users with answers, most first; at most 100.': '有回答的用户，多的在前；最多 100 个。',
  'The acting user. Null: somebody who was not logged in, or the command line.':
    '执行操作的用户。null 表示未登录的人，或命令行。',
  'The affected account.': '受影响的账号。',
  'The users of these ids; null if there is none, or the account was deleted.':
    '这些 id 对应的用户；没有或账号已删除时为 null。',
  'Null: nothing is set, and there is no default. Secrets are only `set` or `not set`. Users and passwords in addresses are `***`.':
    'null 表示未设置且没有默认值。机密设置只显示 `set` 或 `not set`。地址中的用户名和密码显示为 `***`。',
  'Unit of a number.': '数值的单位。',
  'Tells operators why this node does not serve alongside the others on its database.':
    '供运维人员查看：此节点为何不能与同一数据库上的其他节点一起提供服务。',
  'The name that calls use.': '调用时使用的名称。',
  'The name for people.': '供人阅读的名称。',
  'Tokens of a prompt and its answer; null if unknown.':
    '提示词与回答合计的 token 数；未知时为 null。',
  'Tokens of an answer; null if unknown.': '单个回答的 token 数；未知时为 null。',
  'It reads images.': '能否读取图片。',
  'It may reason before it answers.': '回答前是否可能先思考。',
  'The newest first.': '新的在前。',
  'Null: the title was found.': 'null 表示匹配的是标题。',
  'The text around the words, or the title.': '所匹配的词前后的文本，或标题。',
  'Positions of the words in `snippet`: one range for each, in UTF-16 units, without its end.':
    '各词在 `snippet` 中的位置：每个词一个区间，以 UTF-16 单元计，不含终点。',
  'Time of the message, or of the last activity of the conversation.':
    '消息的时间，或对话最近活动的时间。',
  'Usernames of the other members, the oldest members first: at most `LIMITS.memberNames`.':
    '其他成员的用户名，先加入的在前：最多 `LIMITS.memberNames` 个。',
  'Messages of others and answers that the reader has not read, at most `LIMITS.unreadCount`.':
    '读者未读的他人消息和回答数，最多 `LIMITS.unreadCount`。',
  'The answer that runs, else the first that waits, else the end of the active branch if that is an answer.':
    '正在生成的回答；没有时为排在最前的回答；再没有时，若当前分支末尾是回答，则为该回答。',
  'Receipt: the lower-case hex digest of `content` in UTF-8; null while `queued` or `streaming`.':
    '校验值：`content` 的 UTF-8 摘要的小写十六进制形式；`queued` 或 `streaming` 期间为 null。',
  'How long the model reasoned; null if that is unknown.': '模型思考的时长；未知时为 null。',
  'Null if nothing was left out of the prompt.': '提示词没有省略任何内容时为 null。',
  'All children of the same parent, this one included, oldest first.':
    '同一父消息的所有子消息，包括本条，旧的在前。',
  'Username of the member who exported it.': '导出者的用户名。',
  "Imported before, or the user's own already.": '以前导入过，或本来就是该用户的。',
  'The first of those that were left out; their number is `found - imported - duplicates` when the import has ended.':
    '被略过的对话中的前几个；导入结束后，总数为 `found - imported - duplicates`。',
  'The first of those that were imported without all their contents.':
    '内容未能完整导入的对话中的前几个。',
  'Seconds since the epoch; 0: unknown.': 'Unix 时间（秒）；0 表示未知。',
  "The model's reasoning beyond `from_seq`; absent if there is none.":
    '`from_seq` 之后的思考过程；没有时不含此字段。',
  'Position in the queue, from 1; only while `queued`.':
    '在队列中的位置，从 1 开始；仅在 `queued` 期间有。',
  'Says more than the code where a caller needs it; stable.':
    '在调用方需要时，比错误码说明得更具体；保持稳定。',
  'The field of the request that is wrong.': '请求中有误的字段。',
  'The rule that was broken, such as `string.max`; stable.':
    '所违反的规则，例如 `string.max`；保持稳定。',
  'The numbers and words that `message` names, such as `limit`.':
    '`message` 中提到的数字和词，例如 `limit`。',
  'When the answer ended.': '回答结束的时间。',
  'The user who is told. For the webhook of the installation, the user who asked.':
    '收到通知的用户。对于全局 Webhook，为提问的用户。',
};
