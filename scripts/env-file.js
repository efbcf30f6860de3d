import { readFileSync } from 'node:fs';

const LINE = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=[^\S\n]*(.*)$/;
const REST = /^\s*(#.*)?$/;

/** The text between quotes, which may span lines; null if they are not closed or if text follows them. */
function quoted(lines, first, start) {
  const quote = start[0];
  let text = start.slice(1);
  let next = first + 1;
  while (!text.includes(quote)) {
    if (next === lines.length) return null;
    text += `\n${lines[next++]}`;
  }
  const end = text.indexOf(quote);
  if (!REST.test(text.slice(end + 1))) return null;
  const value = text.slice(0, end);
  return { value: quote === '"' ? value.replaceAll('\\n', '\n') : value, next };
}

/** A comment begins after a blank. Null if a # may be part of the value. */
function plain(text, next) {
  const value = text.replace(/(^|\s)#.*$/, '').trim();
  return value.includes('#') ? null : { value, next };
}

/**
 * Reads lines of NAME=value as shells and Docker do: with `export`, blanks around `=`, comments, and quotes. Nothing
 * is omitted or cut off silently. @throws Error with the line, but never a value
 */
export function parseEnv(text) {
  if (text.includes('\0')) throw new Error('.env is no text in UTF-8');
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const values = {};
  for (let at = 0; at < lines.length; ) {
    if (REST.test(lines[at])) {
      at += 1;
      continue;
    }
    const [, name, start] = LINE.exec(lines[at]) ?? [];
    if (!name) throw new Error(`.env, line ${at + 1}: expected NAME=value`);
    const read = /^["'`]/.test(start) ? quoted(lines, at, start) : plain(start, at + 1);
    if (!read)
      throw new Error(`.env, line ${at + 1}: the value of ${name} needs a quote at both ends`);
    values[name] = read.value;
    at = read.next;
  }
  return values;
}

/**
 * Adds the file's values to the environment, which takes precedence. A missing file is allowed. @throws Error in one
 * line
 */
export function loadEnv(path) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw new Error(`${path} cannot be read: ${error.code}`, { cause: error });
  }
  for (const [name, value] of Object.entries(parseEnv(text))) process.env[name] ??= value;
}
