import { ENV_GROUPS, ENV_TABLE } from '../src/config/config.js';
import type { Unit, Variable } from '../src/config/variable.js';
import { ENGLISH, type PageTexts } from './settings-en.js';
import { CHINESE } from './settings-zh.js';

const number = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 4 });

/** Symbols are the same in every language; words are not. */
const withUnit = (range: string, unit: Unit | undefined, texts: PageTexts) =>
  unit === undefined ? range : `${range} ${texts.units[unit] ?? unit}`;

function typeOf(entry: Variable, texts: PageTexts): string {
  if (entry.type === 'choice') return entry.values.map((value) => `\`${value}\``).join(', ');
  if (entry.type !== 'integer' && entry.type !== 'number') return texts.types[entry.type];
  const range = texts.range(number(entry.min), number(entry.max));
  return `${texts.types[entry.type]}${texts.comma}${withUnit(range, entry.unit, texts)}`;
}

const code = (text: string) => (text === '' ? '' : `\`${text}\``);

function table(entries: readonly Variable[], texts: PageTexts): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |\n`;
  const lines = entries.map((entry) =>
    row([code(entry.name), typeOf(entry, texts), code(entry.default), texts.meaning(entry)]),
  );
  return row(texts.head) + row(texts.head.map(() => '---')) + lines.join('');
}

function page(texts: PageTexts): string {
  const groups = Object.entries(ENV_GROUPS).map(
    ([group, entries]) => `\n## ${texts.groups[group]}\n\n${table(entries, texts)}`,
  );
  return texts.intro + groups.join('') + texts.end;
}

function example(): string {
  const head = '# Copy to .env and change what you need; `npm start` reads it.\n';
  const entries = ENV_TABLE.map((entry) => {
    const { name, default: given, meaning } = entry;
    const type = 'min' in entry || 'values' in entry ? `# ${typeOf(entry, ENGLISH)}\n` : '';
    return `\n${type}# ${meaning}\n#${name}=${given}\n`;
  });
  return `${head}# Unset or empty means the default shown. All settings: docs/configuration.md\n${entries.join('')}`;
}

/** The generated files, by their paths in the repository. */
export const settingsFiles = (): Record<string, string> => ({
  '.env.example': example(),
  'docs/configuration.md': page(ENGLISH),
  'docs/configuration.zh-CN.md': page(CHINESE),
});
