import type { Variable } from '../variable.js';

export const NODE_TABLE = [
  {
    name: 'NODE_ENV',
    type: 'choice',
    values: ['development', 'test', 'production'],
    default: 'development',
    meaning: 'Production refuses missing and weak secrets.',
  },
  {
    name: 'REGISTRATION',
    type: 'choice',
    values: ['open', 'invite', 'closed'],
    default: '',
    meaning:
      'Who may register: everybody, whoever has an invitation, or nobody. The first account of all becomes administrator in each case. Empty: `closed` in production, otherwise `open`.',
  },
  {
    name: 'APP_NAME',
    type: 'prose',
    default: 'Parley',
    meaning: 'Name that `GET /` returns.',
  },
  {
    name: 'APP_VERSION',
    type: 'text',
    default: '',
    meaning: 'Version that `GET /` and `server:hello` report. Empty: the version of this release.',
  },
  { name: 'DEBUG', type: 'boolean', default: 'false', meaning: '`true` logs at level `debug`.' },
  {
    name: 'LOG_LEVEL',
    type: 'choice',
    values: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    default: '',
    meaning: 'Lowest level that is logged. Empty: `info`, or `debug` with `DEBUG`.',
  },
  {
    name: 'PORT',
    type: 'integer',
    min: 0,
    max: 65_535,
    default: '8000',
    meaning: 'TCP port for REST, sockets and the page. 0: any free port.',
  },
  {
    name: 'METRICS_PORT',
    type: 'integer',
    min: 0,
    max: 65_535,
    default: '',
    meaning:
      'TCP port of its own for `GET /metrics`, without a token: let only your collector reach it. 0: any free port.',
  },
  {
    name: 'METRICS_TOKEN',
    type: 'text',
    secret: 'all',
    default: '',
    meaning:
      'Serves `GET /metrics` on the main port to requests with `Authorization: Bearer <token>`. With neither variable there are no metrics.',
  },
  {
    name: 'WEBHOOK_URL',
    type: 'url',
    secret: 'path',
    default: '',
    meaning:
      'Address that is told how every answer ended, signed as [Webhooks](protocol.md#webhooks) describes. Needs `WEBHOOK_SECRET`.',
  },
  {
    name: 'WEBHOOK_SECRET',
    type: 'text',
    secret: 'all',
    default: '',
    meaning:
      'Signs what `WEBHOOK_URL` gets: `whsec_` and 24 to 64 bytes in base64. `echo "whsec_$(openssl rand -base64 32)"` creates one.',
  },
  {
    name: 'WEBHOOK_ALLOW_PRIVATE',
    type: 'boolean',
    default: 'false',
    meaning:
      '`true` lets webhooks, also those of users, lead to addresses inside the network, and by HTTP. Set it only if all users are trusted.',
  },
  {
    name: 'TRUST_PROXY',
    type: 'proxies',
    default: 'false',
    meaning:
      'Proxies whose `X-Forwarded-For` is trusted: `false`, `true`, a number of hops, or addresses and networks separated by commas.',
  },
  {
    name: 'CORS_ORIGINS',
    type: 'origins',
    default: '',
    meaning:
      'Other origins whose pages may call with cookies, separated by commas, such as `https://chat.example.org`.',
  },
  {
    name: 'BODY_TOKEN_ORIGINS',
    type: 'origins',
    default: '',
    meaning:
      'Origins of apps that get tokens in the body instead of cookies, separated by commas, such as `capacitor://localhost`.',
  },
  {
    name: 'DATA_DIR',
    type: 'directory',
    default: '.data',
    meaning: 'Directory of the embedded Postgres and of the development secrets.',
  },
  {
    name: 'DRAIN_SECONDS',
    type: 'number',
    min: 0,
    max: 3_600,
    unit: 's',
    default: '25',
    meaning: 'How long running answers may continue after SIGTERM.',
  },
] as const satisfies readonly Variable[];
