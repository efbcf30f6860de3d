/** The headings of calls and events, which say what they do. */
export const TITLES: Readonly<Record<string, string>> = {
  'Tells who may register': '查询谁可以注册',
  'Lists the accounts, newest first': '列出账号，新的在前',
  'Shows an invitation before it is used': '在使用之前查看邀请',
  'Creates an account and logs in': '创建账号并登录',
  'Logs in': '登录',
  'Issues a new pair of tokens': '签发一对新令牌',
  'Ends the session and its sockets': '结束会话及其 Socket',
  "Reads one's own account": '读取自己的账号',
  "Changes one's address or name": '更改自己的邮箱或用户名',
  'Deletes the account with its conversations and sessions, and stops its running answers':
    '删除账号及其对话和会话，并停止正在生成的回答',
  'Changes the password, and ends all other sessions': '更改密码，并结束其他所有会话',
  'Lists the live sessions, the most recently used first': '列出有效的会话，最近使用的在前',
  'Ends all other sessions': '结束其他所有会话',
  "Ends a session, which may be the caller's own": '结束一个会话，可以是当前会话',
  'Lists the keys that are not revoked, the newest first': '列出未吊销的密钥，新的在前',
  'Makes a key for a program': '为程序创建密钥',
  'Revokes a key': '吊销密钥',
  'Lists the webhooks, the newest first, without their secrets':
    '列出 Webhook，新的在前，不含签名密钥',
  "Adds an address that is told how the user's answers ended": '添加一个地址，用于通知回答如何结束',
  'Deletes a webhook with everything that waits for it': '删除 Webhook 以及所有待发送的通知',
  'Downloads all data stored about the user': '下载存储的全部用户数据',
  'Reports the tokens used in the current day and month, by model and by day':
    '报告当天和当月的 token 用量，按模型和日期细分',
  'Disables or enables an account, replaces its roles, or gives it limits of its own':
    '停用或启用账号，替换其角色，或单独设置限额',
  'Reports the usage of a user, as `GET /users/me/usage` does to themselves':
    '报告某个用户的用量，内容与该用户自己调用 `GET /users/me/usage` 时相同',
  'Reports the usage of all users': '报告所有用户的用量',
  'Lists the roles, oldest first': '列出角色，旧的在前',
  'Defines a role': '定义角色',
  "Changes a role's permissions or quota": '更改角色的权限或配额',
  'Deletes a role': '删除角色',
  'Lists the invitations, newest first': '列出邀请，新的在前',
  'Makes an invitation': '创建邀请',
  'Revokes an invitation': '撤销邀请',
  'Tests whether a model answers': '测试模型能否回答',
  "Tells what the model server said of a failed answer, in a conversation of one's own":
    '查看模型服务对失败回答给出的说明，仅限自己的对话',
  'Lists the nodes of the last day': '列出最近一天的节点',
  'Drains a node': '排空节点',
  'Reports which answers wait and run, on all nodes': '报告所有节点上排队和生成中的回答',
  'Reads the audit log, newest first': '读取审计日志，新的在前',
  'Lists the settings as they are in force on the node that replies':
    '列出响应请求的节点上实际生效的设置',
  'Names the product and its version': '返回产品名称和版本',
  'Says that the process lives': '表明进程存活',
  'Says whether the node can serve': '返回节点能否提供服务',
  "The node's metrics in the text format of Prometheus": '节点的指标，采用 Prometheus 文本格式',
  'This description of the REST calls, as OpenAPI 3.1': '本文所述的 REST 调用，以 OpenAPI 3.1 描述',
  'The description of the socket events, as AsyncAPI 3.0': 'Socket 事件，以 AsyncAPI 3.0 描述',
  'The API reference as a page': '网页形式的 API 参考',
  'Asks, and responds when the answer has ended': '提问，在回答结束后响应',
  'Lists the models that may be chosen': '列出可选择的模型',
  'Finds messages and titles that have all words, the newest first':
    '查找包含所有词的消息和标题，新的在前',
  "Lists one's conversations, newest activity first": '列出自己的对话，最近有活动的在前',
  'Creates a conversation': '创建对话',
  'Reads a conversation': '读取对话',
  "Changes a conversation, and one's own marks of it": '更改对话，以及自己对它的标记',
  'Deletes a conversation for all its members, and stops its running answers':
    '为所有成员删除对话，并停止正在生成的回答',
  'Undoes the deletion of a conversation': '撤销对话的删除',
  'Reads a page of a branch, oldest first': '读取分支的一页消息，旧的在前',
  'Downloads the active branch as text, or all branches as JSON that can be imported':
    '下载当前分支的文本，或可供导入的、包含所有分支的 JSON',
  'Imports conversations from a file of Parley, ChatGPT, LibreChat or Open WebUI':
    '从 Parley、ChatGPT、LibreChat 或 Open WebUI 的文件导入对话',
  'Reports how far an import is': '报告导入进度',
  'Stores a message and asks the model': '存储消息并向模型提问',
  'Reads a message': '读取消息',
  'Streams an answer as server-sent events, on any node, from any position on':
    '以 SSE 流式传输回答，可在任意节点、从任意位置开始',
  'Stops an answer, and keeps its text so far': '停止回答，保留已生成的文本',
  'Stores another text for a message': '为消息存储另一份文本',
  'Asks for another answer to the same question': '为同一个问题请求另一个回答',
  'Continues an answer that was stopped, interrupted or cut off at its longest length':
    '继续被停止、中断或因达到最大长度而截断的回答',
  'Makes the branch through a message the active one, for all members':
    '把经过某条消息的分支设为所有成员的当前分支',
  'Deletes a message and everything below it': '删除消息及其下的所有内容',
  "Asks a model, in OpenAI's shapes": '以 OpenAI 的格式向模型提问',
  "Lists the models that may be chosen, in OpenAI's shape": '以 OpenAI 的格式列出可选择的模型',
  "Reads a model, in OpenAI's shape": '以 OpenAI 的格式读取模型',
  'Extends this socket, by the new token or by the session as it is now':
    '延长此 Socket 的有效期，依据新令牌或会话的当前状态',
  'Closes a conversation': '关闭对话',
  'Marks everything up to a message as read': '把某条消息及之前的内容标为已读',
};
