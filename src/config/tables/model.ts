import { LIMITS } from '../../contract/limits.js';
import type { Variable } from '../variable.js';

const DAY_MS = 86_400_000;

/** The model server and the calls to it. */
export const MODEL_TABLE = [
  {
    name: 'OPENAI_API_KEY',
    type: 'text',
    secret: 'all',
    default: '',
    meaning:
      'API key of the model server. When this and `OPENAI_BASE_URL` are empty, the built-in demo model replies.',
  },
  {
    name: 'OPENAI_BASE_URL',
    type: 'url',
    default: '',
    meaning:
      'Base URL of an OpenAI-compatible server, such as `http://localhost:11434/v1`. Empty: OpenAI.',
  },
  {
    name: 'OPENAI_MODEL',
    type: 'text',
    default: '',
    meaning: 'The default model. Empty: `gpt-4o-mini`, or `parley-demo` with the demo model.',
  },
  {
    name: 'OPENAI_MODELS',
    type: 'list',
    default: '',
    meaning:
      'Models that users may choose, separated by commas. The default model is always included.',
  },
  {
    name: 'PROVIDERS_FILE',
    type: 'text',
    default: '',
    meaning:
      'A file in YAML or JSON that lists further model servers with their models, prices and fallbacks.',
  },
  {
    name: 'AUTO_TITLE',
    type: 'boolean',
    default: 'true',
    meaning:
      'Whether the model gives a conversation its title after the first answer, at the cost of the asking user. A title that a user gave stays. The demo model gives none.',
  },
  {
    name: 'TITLE_MODEL',
    type: 'text',
    default: '',
    meaning: 'The model that gives titles. Empty: the model of the answer.',
  },
  {
    name: 'SYSTEM_PROMPT',
    type: 'prose',
    default: 'You are a helpful assistant.',
    meaning:
      'System prompt of conversations that have none of their own. An empty one (`SYSTEM_PROMPT=`) is not sent.',
  },
  {
    name: 'TEMPERATURE',
    type: 'number',
    min: 0,
    max: 2,
    default: '',
    meaning: 'Sampling temperature. Empty: the model server decides.',
  },
  {
    name: 'MAX_TOKENS',
    type: 'integer',
    min: 1,
    max: LIMITS.maxTokens,
    unit: 'tokens',
    default: '',
    meaning: 'Longest answer. Empty: the model server decides.',
  },
  {
    name: 'RESERVE_TOKENS',
    type: 'integer',
    min: 0,
    max: 10_000_000,
    unit: 'tokens',
    default: '1000',
    meaning:
      'What an answer without a longest length reserves of its user’s quota until it has ended, unless its prompt is larger. With a length it reserves prompt and length.',
  },
  {
    name: 'PROMPT_TOKENS',
    type: 'integer',
    min: 1,
    max: 10_000_000,
    unit: 'tokens',
    default: '8192',
    meaning:
      'Token budget of a prompt. The oldest messages are left out first; the system prompt and the newest message are always sent.',
  },
  {
    name: 'PROVIDER_CONNECT_TIMEOUT_MS',
    type: 'integer',
    min: 1,
    max: DAY_MS,
    unit: 'ms',
    default: '10000',
    meaning: 'Time limit for connecting to the model server.',
  },
  {
    name: 'PROVIDER_FIRST_CHUNK_TIMEOUT_MS',
    type: 'integer',
    min: 1,
    max: DAY_MS,
    unit: 'ms',
    default: '60000',
    meaning: 'Time limit for the first piece of an answer.',
  },
  {
    name: 'PROVIDER_IDLE_TIMEOUT_MS',
    type: 'integer',
    min: 1,
    max: DAY_MS,
    unit: 'ms',
    default: '30000',
    meaning: 'Longest pause between two pieces of an answer.',
  },
  {
    name: 'PROVIDER_TOTAL_TIMEOUT_MS',
    type: 'integer',
    min: 1,
    max: DAY_MS,
    unit: 'ms',
    default: '600000',
    meaning: 'Time limit for a whole answer.',
  },
  {
    name: 'PROVIDER_MAX_RETRIES',
    type: 'integer',
    min: 0,
    max: 10,
    default: '2',
    meaning: 'Retries of a call that was refused or lost before its answer began.',
  },
  {
    name: 'MODEL_REQUESTS_PER_MINUTE',
    type: 'integer',
    min: 0,
    max: 10_000_000,
    unit: '/min',
    default: '0',
    meaning:
      'Requests that the model server allows all nodes together. 0: no limit. `LIMIT_SCALE` does not apply.',
  },
  {
    name: 'MODEL_TOKENS_PER_MINUTE',
    type: 'integer',
    min: 0,
    max: 1_000_000_000,
    unit: 'tokens/min',
    default: '0',
    meaning:
      'Tokens of prompts and answers that the model server allows all nodes together. 0: no limit. `LIMIT_SCALE` does not apply.',
  },
] as const satisfies readonly Variable[];
