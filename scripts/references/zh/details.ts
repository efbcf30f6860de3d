/** The texts below the headings. */
export const DETAILS: Readonly<Record<string, string>> = {
  'Browsers get the tokens as cookies, all other clients in the body.':
    '浏览器通过 Cookie 获得令牌，其他客户端从响应正文获得。',
  'The old refresh token is used up. All sockets of the session live on.':
    '旧的刷新令牌随即失效。会话的所有 Socket 保持连接。',
  'An expired refresh token is enough.': '过期的刷新令牌也可以。',
  'Omitted fields stay unchanged.': '未提供的字段保持不变。',
  '`key` is never shown again.': '`key` 只显示这一次。',
  'It is dead at once, and so are its sockets.': '密钥立即失效，使用它的 Socket 随之断开。',
  '`secret` is never shown again.': '`secret` 只显示这一次。',
  'A page of them, or sums by user, model or day.': '返回其中一页，或按用户、模型、日期的合计。',
  'Its users lose it.': '拥有此角色的用户将失去它。',
  '`token` and `url` are never shown again.': '`token` 和 `url` 只显示这一次。',
  'It ends or hands over its answers, and exits.': '节点结束或移交其回答，然后退出。',
  'Of secrets it tells whether they are set.': '对于机密设置，只说明是否已设置。',
  'Browsers get the chat page.': '浏览器得到聊天页面。',
  'An `unready` node responds with 503 and the same body.':
    '`unready` 的节点以 503 和同样的正文响应。',
  'With `METRICS_PORT` they are on that port instead; without it and `METRICS_TOKEN` there are none.':
    '设置 `METRICS_PORT` 后改由该端口提供；该变量和 `METRICS_TOKEN` 均未设置时不提供指标。',
  'Without a conversation it creates one. Closing the request does not cancel the answer. With `Accept: text/event-stream` the answer is streamed as it comes.':
    '未指定对话时新建一个。关闭请求不会取消回答。带有 `Accept: text/event-stream` 时，回答边生成边流式传输。',
  'For five minutes it can be restored.': '五分钟内可以恢复。',
  'The last page, or the one that ends before a message.': '最后一页，或在某条消息之前结束的一页。',
  'The import goes on after the response.': '响应之后导入继续进行。',
  'The answer comes by the stream of `assistant_message`, or by sockets.':
    '回答通过 `assistant_message` 的流或 Socket 送达。',
  'An answer that has ended gives its text, its end, and the stream ends.':
    '对于已结束的回答，流给出其文本和结束事件，随后关闭。',
  'An edited question is answered again.': '编辑后的问题会重新得到回答。',
  'Unknown fields of request and answer pass through unchanged. With `stream: true` the chunks come as server-sent events, then `[DONE]`. With an `Idempotency-Key` the answer outlives its request, and the same call gets it again.':
    '请求和回答中的未知字段原样传递。带有 `stream: true` 时，各数据块以 SSE 送达，最后是 `[DONE]`。带有 `Idempotency-Key` 时，请求中断后回答仍会继续，再次发出相同的调用即可取得。',
  'Its events come no more.': '不再接收它的事件。',
  'Only forward: a message before the one that was read last changes nothing.':
    '只能向前：早于最后已读消息的消息不会改变任何内容。',
  'A message was stored. It comes before any delta of it.':
    '消息已存储。此事件先于该消息的所有增量到达。',
  "A piece of an answer's text. Append it if its `seq` is the next one of the attempt.":
    '回答的一段文本。若其 `seq` 是本次尝试的下一个，则追加到末尾。',
  'An answer waits or begins. `position` is its number in line, from 1, while it is `queued`.':
    '回答开始排队或开始生成。`queued` 期间，`position` 是它在队列中的位置，从 1 开始。',
  'The end of an answer, after its last delta.': '回答结束，在最后一个增量之后到达。',
  'A message has changed.': '消息有变更。',
  'These messages are gone.': '这些消息已删除。',
  'All users who have the conversation open now.': '当前打开此对话的所有用户。',
  'A member has read everything up to this message.': '某位成员已读到这条消息。',
  'A conversation was created or restored.': '对话已创建或恢复。',
  'A conversation has changed, or moved up in the list.': '对话有变更，或在列表中上移。',
  'A conversation was deleted.': '对话已删除。',
  '`answer` of the conversation is now this one.': '对话的 `answer` 现在是这个值。',
  "How far an import of the user's is. The last report has its final state.":
    '用户的导入进度。最后一次报告包含最终状态。',
  'The first event of a connection: the node, and the sizes that a client must respect.':
    '连接的第一个事件：节点信息，以及客户端必须遵守的大小限制。',
  'The node goes. It closes each socket at a random moment within this time: reconnect.':
    '节点即将退出，会在此时间内随机选择时刻关闭各个 Socket：请重新连接。',
  'Events may have been lost: open these conversations again; without ids, everything that is open.':
    '事件可能已丢失：请重新打开这些对话；未给出 id 时，请重新打开所有已打开的对话。',
  'The access token expires soon: refresh the session.': '访问令牌即将过期：请刷新会话。',
  'The session, key or account has ended. The socket is closed.':
    '会话、密钥或账号已失效。Socket 随之关闭。',
  'The stored messages: first, and only if the call has asked.':
    '最先到达，仅当调用提出了问题时才有：所存储的内容。',
  'The text begins again with the next delta: forget what came before.':
    '文本从下一个增量重新开始：请丢弃此前的内容。',
  'Text that follows what came before. Several deltas may come as one, with the `seq` of the last.':
    '接在此前内容之后的文本。多个增量可能合并送达，并带有最后一个的 `seq`。',
  'The end. Nothing follows.': '结束，之后不再有内容。',
  'Everybody who has the conversation open, in one order': '所有打开此对话的用户，顺序一致',
  'All devices of the conversation’s members': '对话成员的所有设备',
  'All devices of the user': '用户的所有设备',
  'The socket': '该 Socket',
  'The id of the last event that was received. It counts before the query.':
    '最后收到的事件的 id。优先于查询参数。',
  '1 to 64 characters of `A-Z a-z 0-9 _ -`. The same key with the same body gives the same answer.':
    '1 到 64 个字符，取自 `A-Z a-z 0-9 _ -`。相同的键和请求体得到相同的回答。',
  'The id of a conversation. The last user message and the answer are stored there, and show up live. It cannot be combined with an `Idempotency-Key`.':
    '对话的 id。最后一条用户消息和回答会存入该对话并实时显示。不能与 `Idempotency-Key` 同时使用。',
  'With an `Idempotency-Key`: the id of the last chunk that was received. The stream goes on after it.':
    '与 `Idempotency-Key` 同时使用：最后收到的数据块的 id。流从其后继续。',
};
