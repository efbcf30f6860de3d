import type { Setting } from '../contract/admin.js';
import { LIMITS } from '../contract/limits.js';
import { startOf } from '../contract/text.js';
import { type EnvReader, toBoolean } from './env-reader.js';
import { ENV_GROUPS, type VariableName } from './table.js';
import type { Variable } from './variable.js';

/** The values that the rest of the config decides. */
interface Decided {
  app: { version: string };
  auth: { cookieSecure: boolean; registration: string };
  dataDir: string;
  log: { level: string };
  provider: {
    autoTitle: boolean;
    defaultModel: string;
    models: readonly string[];
    systemPrompt: string;
  };
}

/** A variable that `Setting` does not name does not compile. */
type Group = keyof typeof ENV_GROUPS;
type Values = Partial<Record<VariableName, string>>;

const HIDDEN = '***';

/** Values that are neither the text of the variable nor its default. */
const decided = ({ app, auth, dataDir, log, provider }: Decided): Values => ({
  APP_VERSION: app.version,
  AUTO_TITLE: String(provider.autoTitle),
  COOKIE_SECURE: String(auth.cookieSecure),
  DATA_DIR: dataDir,
  LOG_LEVEL: log.level,
  OPENAI_MODEL: provider.defaultModel,
  OPENAI_MODELS: provider.models.join(', '),
  REGISTRATION: auth.registration,
  SYSTEM_PROMPT: provider.systemPrompt,
});

/** Parameters of the addresses of Postgres and Redis that are not secret. */
const OPEN =
  /^(application_name|client_encoding|cluster|dbname|host|options|port|sentinel|ssl|sslmode)$/;

const openParameter = (part: string): string => {
  const [name = ''] = part.split('=', 1);
  return OPEN.test(name) ? part : `${name}=${HIDDEN}`;
};

/** An address without users, passwords and keys in it. It may name several hosts, so it is no `URL`. */
export function maskUrl(url: string, hidesPath = false): string {
  const parts = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?/i.exec(
    url,
  );
  if (!parts) return HIDDEN;
  const [, scheme, login, hosts, path = '', query] = parts;
  const place = `${scheme}${login === undefined ? '' : `${HIDDEN}@`}${hosts}`;
  if (hidesPath) return path.length > 1 || query !== undefined ? `${place}/${HIDDEN}` : place;
  const options = query === undefined ? '' : `?${query.split('&').map(openParameter).join('&')}`;
  return `${place}${path}${options}`;
}

const clipped = (text: string): string =>
  text.length > LIMITS.settingChars ? `${startOf(text, LIMITS.settingChars - 1)}…` : text;

/** Null: nothing is set, and there is no default. */
function shown({ type, secret }: Variable, value: string): string | null {
  if (value === '') return null;
  if (type === 'url') return clipped(maskUrl(value, secret === 'path'));
  return clipped(type === 'boolean' ? toBoolean(value) : value);
}

/** Every variable as it is in force on this node. Of a secret it tells whether it is set, and nothing else. */
export function settingsInForce(read: EnvReader, config: Decided): Setting[] {
  const values = decided(config);
  const report = (group: Group, entry: (typeof ENV_GROUPS)[Group][number]) => {
    const given = read.given(entry.name);
    const variable: Variable = entry;
    const isSecret = variable.secret === 'all';
    const value = shown(variable, values[entry.name] ?? given ?? entry.default);
    return {
      name: entry.name,
      group,
      value: isSecret ? (given === null ? 'not set' : 'set') : value,
      default: entry.default === '' ? null : entry.default,
      source: given === null ? ('default' as const) : ('environment' as const),
      unit: ('unit' in entry ? entry.unit : null) ?? null,
      secret: isSecret,
    };
  };
  const groups = Object.keys(ENV_GROUPS) as Group[];
  return groups.flatMap((group) => ENV_GROUPS[group].map((entry) => report(group, entry)));
}
