import type { PageTexts, VariableName } from './settings-en.js';

/** A variable without a Chinese text does not compile. */
const MEANINGS: Record<VariableName, string> = {
  NODE_ENV: '生产环境（`production`）不接受缺失或过弱的密钥。',
  REGISTRATION:
    '谁可以注册：所有人（`open`）、持有邀请的人（`invite`），或任何人都不可以（`closed`）。无论哪种设置，第一个账号都会成为管理员。留空时，生产环境为 `closed`，其他环境为 `open`。',
  APP_NAME: '`GET /` 返回的名称。',
  APP_VERSION: '`GET /` 和 `server:hello` 中的版本号。留空时为当前发行版的版本号。',
  DEBUG: '设为 `true` 时日志级别为 `debug`。',
  LOG_LEVEL: '输出的最低日志级别。留空时为 `info`；启用 `DEBUG` 时为 `debug`。',
  PORT: 'REST、Socket 和页面共用的 TCP 端口。0 表示任选一个空闲端口。',
  METRICS_PORT:
    '单独提供 `GET /metrics` 的 TCP 端口，不需要令牌：请只允许采集服务访问。0 表示任选一个空闲端口。',
  METRICS_TOKEN:
    '在主端口上向带有 `Authorization: Bearer <token>` 的请求提供 `GET /metrics`。两个变量都留空时不提供指标。',
  WEBHOOK_URL:
    '每个回答结束时都会通知的地址，签名方式见 [Webhooks](protocol.md#webhooks)。需要同时设置 `WEBHOOK_SECRET`。',
  WEBHOOK_SECRET:
    '为发往 `WEBHOOK_URL` 的内容签名：`whsec_` 加 24 到 64 字节的 base64。可用 `echo "whsec_$(openssl rand -base64 32)"` 生成。',
  WEBHOOK_ALLOW_PRIVATE:
    '设为 `true` 时，Webhook（包括用户创建的）可以指向网络内部的地址，也可以使用 HTTP。仅在信任所有用户时启用。',
  TRUST_PROXY:
    '信任哪些代理的 `X-Forwarded-For`：`false`、`true`、跳数，或用逗号分隔的地址和网段。',
  CORS_ORIGINS: '允许携带 Cookie 调用的其他来源，用逗号分隔，例如 `https://chat.example.org`。',
  BODY_TOKEN_ORIGINS:
    '令牌放在响应正文而不是 Cookie 中的应用来源，用逗号分隔，例如 `capacitor://localhost`。',
  DATA_DIR: '内置 Postgres 的数据和开发用密钥的存放目录。',
  DRAIN_SECONDS: '收到 SIGTERM 后，正在生成的回答最多还可以继续多久。',
  SECRET_KEY:
    '签署访问令牌的密钥，至少 32 字节。可用逗号分隔多个：第一个用于签署，全部可用于验证。留空时在数据目录中生成，仅限开发环境。',
  REFRESH_SECRET_KEY: '签署刷新令牌的密钥，不能与 `SECRET_KEY` 相同，其余规则一样。',
  ALGORITHM: '令牌的签名算法。',
  JWT_ISSUER: '令牌的 `iss` 声明。',
  JWT_AUDIENCE: '令牌的 `aud` 声明。',
  ACCESS_TOKEN_EXPIRE_MINUTES: '访问令牌的有效期。',
  REFRESH_TOKEN_EXPIRE_DAYS: '会话不刷新时的有效期。',
  SESSION_MAX_DAYS: '会话的最长有效期，无论刷新多少次。',
  SESSION_RECHECK_SECONDS: '检查已连接 Socket 的会话的间隔，以防通知丢失。',
  BCRYPT_COST: '密码哈希的计算强度，每加 1 计算量翻倍。',
  COOKIE_SECURE: 'Cookie 是否只通过 HTTPS 传输。留空时，生产环境为 `true`，其他环境为 `false`。',
  COOKIE_SAMESITE: '`none` 需要启用 `COOKIE_SECURE`。',
  DATABASE_URL:
    '`postgres://user:password@host/database`，使用 TLS 时加上 `?sslmode=verify-full`。留空时使用数据目录中的内置 Postgres。',
  DB_POOL_MAX: '本节点的最大数据库连接数。',
  AUDIT_RETENTION_DAYS: '审计日志的保留时间，至少 30 天。0 表示永久保留。',
  REDIS_URL:
    '`redis://host:6379`；TLS 用 `rediss://`，集群用 `redis://h1:p,h2:p?cluster`，哨兵用 `redis://s1,s2/0?sentinel=name`。留空时使用内存引擎，只能运行单个节点。',
  REDIS_KEY_PREFIX: '所有键和频道的前缀，其后是部署的 id。',
  REDIS_COMMAND_TIMEOUT_MS: '等待 Redis 应答的时限，超时后节点不再等待，继续运行。',
  PRESENCE_TTL_SECONDS: '失效节点上的用户最多还会显示为在线多久。',
  OPENAI_API_KEY: '模型服务的 API 密钥。与 `OPENAI_BASE_URL` 同时留空时，使用内置的演示模型。',
  OPENAI_BASE_URL: '兼容 OpenAI 的服务地址，例如 `http://localhost:11434/v1`。留空时使用 OpenAI。',
  OPENAI_MODEL: '默认模型。留空时为 `gpt-4o-mini`；使用演示模型时为 `parley-demo`。',
  AUTO_TITLE:
    '首次回答后是否由模型为对话拟定标题，用量计入提问的用户。用户自己取的标题不会被改动。演示模型不拟定标题。',
  TITLE_MODEL: '拟定标题的模型。留空时为回答所用的模型。',
  OPENAI_MODELS: '用户可以选择的模型，用逗号分隔。默认模型始终包含在内。',
  PROVIDERS_FILE: 'YAML 或 JSON 文件，列出其他模型服务及其模型、价格和后备模型。',
  SYSTEM_PROMPT: '对话没有自己的系统提示词时使用。设为空（`SYSTEM_PROMPT=`）则不发送。',
  TEMPERATURE: '采样温度。留空时由模型服务决定。',
  MAX_TOKENS: '单个回答的最大长度。留空时由模型服务决定。',
  RESERVE_TOKENS:
    '未限制长度的回答在结束前从用户配额中预留的 token 数；提示词更长时以提示词为准。限制了长度时，预留提示词与该长度之和。',
  PROMPT_TOKENS: '提示词的 token 预算。超出时先舍去最早的消息；系统提示词和最新的消息始终会发送。',
  PROVIDER_CONNECT_TIMEOUT_MS: '连接模型服务的时限。',
  PROVIDER_FIRST_CHUNK_TIMEOUT_MS: '等待回答第一段内容的时限。',
  PROVIDER_IDLE_TIMEOUT_MS: '回答的两段内容之间的最长间隔。',
  PROVIDER_TOTAL_TIMEOUT_MS: '整个回答的时限。',
  PROVIDER_MAX_RETRIES: '调用在回答开始之前被拒绝或中断时的重试次数。',
  MODEL_REQUESTS_PER_MINUTE:
    '模型服务允许所有节点合计发出的请求数。0 表示不限制。不受 `LIMIT_SCALE` 影响。',
  MODEL_TOKENS_PER_MINUTE:
    '模型服务允许所有节点合计使用的 token 数，包括提示词和回答。0 表示不限制。不受 `LIMIT_SCALE` 影响。',
  STREAM_FLUSH_MS: '文本积攒多久后发送一次。繁忙的节点最多积攒 65 毫秒。',
  LEASE_SECONDS: '节点失效多久之后，其回答由其他节点接管。',
  GENERATION_TRIES: '失败多少次之后，回答以 `interrupted` 结束。',
  GENERATIONS_PER_NODE: '本节点同时生成的回答数。',
  GENERATIONS_PER_USER: '所有节点合计为一个用户同时生成的回答数。',
  GENERATIONS_TOTAL: '所有节点合计同时生成的回答数。0 表示不限制。',
  PENDING_PER_USER: '一个用户排队中和生成中的回答总数。',
  CLAIM_POLL_MS: '轮询排队任务的间隔，以防通知丢失。',
  LIMIT_SCALE: '用户和节点的所有速率与并发限制都乘以此值。0 表示全部关闭，用于压力测试。',
  REGISTER_PER_MINUTE: '每个地址的注册次数。',
  LOGIN_PER_MINUTE: '每个地址的登录次数，以及每个账号的登录次数。',
  REFRESH_PER_MINUTE: '每个地址的令牌刷新次数。',
  REQUESTS_PER_MINUTE: '每个用户的 REST 请求数。未登录的请求按地址计算。',
  HANDSHAKES_PER_MINUTE: '每个地址的 Socket 握手次数。',
  MESSAGES_PER_MINUTE: '每个用户的消息数。',
  EVENTS_PER_SECOND:
    '每个用户的 Socket 事件数。单个 Socket 的数据包数上限是它的两倍。十秒的额度可以一次用完。',
  SOCKET_BYTES_PER_SECOND: '单个 Socket 可以发送的字节数。十秒的额度可以一次用完。',
  CONNECTIONS_PER_USER: '每个用户在本节点上的 Socket 数。',
  CONNECTIONS_PER_ADDRESS: '每个地址在本节点上的 Socket 数。',
  ADDRESS_REQUESTS_PER_SECOND: '每个地址对本节点的各类请求总数，先于其他所有限制检查。',
  IMPORT_MAX_MB:
    '用户可导入的对话文件的最大大小。读取期间文件存放在临时目录（`TMPDIR`）中。不受 `LIMIT_SCALE` 影响。',
  OTEL_EXPORTER_OTLP_ENDPOINT:
    'OpenTelemetry Collector 的地址，例如 `http://localhost:4318`。链路追踪发送到其下的 `/v1/traces`。',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '链路追踪的完整地址，原样使用，优先于上一项。',
  OTEL_TRACES_EXPORTER:
    '设为 `otlp` 时发送链路追踪；未设置地址时发送到 `http://localhost:4318/v1/traces`。设为 `none` 时不发送。留空时，设置了地址才发送。',
  OTEL_EXPORTER_OTLP_PROTOCOL: '链路追踪的发送格式。',
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: '同上，优先于上一项。',
  OTEL_SDK_DISABLED: '设为 `true` 时不发送链路追踪，无论其他变量如何设置。',
};

const meanings: Record<string, string | undefined> = MEANINGS;

export const CHINESE: PageTexts = {
  intro: `<!-- 由 \`npx tsx scripts/settings.ts\` 根据 src/config/tables 生成，请勿手工修改。 -->

# 配置

[English](configuration.md) | 简体中文

所有设置都来自环境变量。\`npm start\` 还会读取 \`.env\`（可从 [.env.example](../.env.example) 复制），环境变量优先。
变量未设置或为空时使用默认值。唯一的例外是 \`SYSTEM_PROMPT\`：设为空表示不发送系统提示词。设置有误时，节点会一次列出全部问题，然后退出。
`,
  end: `
## 固定的限制

消息、分页和请求正文的大小由协议规定，见 [Limits](protocol.md#limits)。
`,
  head: ['变量', '类型与范围', '默认值', '含义'],
  groups: {
    node: '节点',
    tokens: '令牌与 Cookie',
    stores: '存储',
    model: '模型',
    answers: '回答',
    limits: '限制',
    traces: '链路追踪',
  },
  types: {
    text: '文本',
    prose: '文本',
    list: '列表',
    origins: '来源列表',
    proxies: '布尔值、整数或列表',
    secrets: '密钥',
    url: 'URL',
    directory: '目录',
    boolean: '`true` 或 `false`',
    integer: '整数',
    number: '数字',
  },
  units: {
    ms: '毫秒',
    s: '秒',
    min: '分钟',
    days: '天',
    bytes: '字节',
    'bytes/s': '字节/秒',
    MiB: 'MiB',
    tokens: 'token',
    'tokens/min': 'token/分钟',
    '/s': '次/秒',
    '/min': '次/分钟',
  },
  range: (min, max) => `${min} 到 ${max}`,
  comma: '，',
  meaning: ({ name }) => meanings[name] ?? '',
};
