import type { APIError } from 'openai';
import type { RefusalScope } from '../../../ports/completion-provider.js';

/**
 * The scope of a 429. At most servers limits are per model, even if the message also names the organisation. So the
 * scope is the account only if the server says so and names no model.
 */
export function scopeOf(error: APIError, model: string): RefusalScope {
  const kind = kindOf(error.headers);
  const said = `${error.code ?? ''} ${error.type ?? ''} ${error.message.replace(ADDRESS, '')}`;
  if (QUOTA.test(said) || ALL_MODELS.test(said)) return 'account';
  if (ONE_MODEL.test(`${said} ${kind}`) || namesModel(error.message, model)) return 'model';
  const isAccount = OF_ACCOUNT.some((pattern) => pattern.test(said));
  return isAccount || WHO.test(kind) || hasUsedUp(error.headers) ? 'account' : 'model';
}

/** Help pages are below `/account/…` for every kind of limit. */
const ADDRESS = /https?:\S+/g;
const QUOTA =
  /insufficient[_ ](?:quota|credits?|balance|funds)|exceeded your (?:current|monthly|daily) quota/i;
const ALL_MODELS = /\b(?:all|any|every|across)(?: of)?(?: the| your)? models\b/i;
/** `UserByModelByMinute`, `PerProjectPerModel`, "this model", "limit reached for x in organization y". */
const ONE_MODEL =
  /(?:by|per)[-_ ]?(?:base)?model|\b(?:this|the|for|that) (?:model|deployment)\b|\bmodel[_-](?:rate|limit|overload|capacity)|\bmodel[`'":=]|\bfor \S+ in (?:organi[sz]ation|project)\b/i;

const NAMES =
  'account|organi[sz]ation|org|workspace|team|project|tenant|subscription|user|customer|(?:(?:api|virtual)[-_ ]?)?key';
const WHO = new RegExp(`(?:${NAMES}|global)`, 'i');
const OF_ACCOUNT = [
  // "requests per day for your account", "limit reached for key"
  new RegExp(
    `\\b(?:for|of|by|on|in|per|across|from)[-_ ](?:your |this |the |an? )?(?:${NAMES})\\b`,
    'i',
  ),
  // "your organization's rate limit", "account_rate_limit", "max organization concurrency"
  new RegExp(
    `(?:${NAMES})(?:['’]s)?[-_ ](?:\\w+[-_ ])?(?:rate|limit|quota|concurren|level|wide)`,
    'i',
  ),
  // "your account has reached"
  new RegExp(
    `\\b(?:your|this) (?:${NAMES})\\b[^.]{0,60}\\b(?:has|is|have|reached|exceeded|over)\\b`,
    'i',
  ),
  /\buser(?:concurrent|by)|\byour (?:plan|current plan|tier)(?:['’]s)? (?:\w+ )?(?:rate|limit|quota|allow)/i,
];

function namesModel(said: string, model: string): boolean {
  const name = model.slice(model.lastIndexOf('/') + 1);
  return name.length > 2 && said.toLowerCase().includes(name.toLowerCase());
}

/** Headers that name the kind of limit: `x-ratelimit-type`, `x-ratelimit-scope`, `ratelimit-policy`. */
function kindOf(headers: Headers | undefined): string {
  return [...(headers ?? [])]
    .filter(([name]) => /rate-?limit.*(?:type|scope|policy|resource)$/.test(name))
    .map(([, value]) => value)
    .join(' ');
}

/** `x-ratelimit-remaining-project-requests: 0`. */
function hasUsedUp(headers: Headers | undefined): boolean {
  return [...(headers ?? [])].some(
    ([name, value]) =>
      /rate-?limit/.test(name) && /remaining/.test(name) && WHO.test(name) && Number(value) === 0,
  );
}
