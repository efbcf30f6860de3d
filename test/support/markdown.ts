import { readFile } from 'node:fs/promises';

/** One fenced block. `info` is the text after the fence: a language, and perhaps a name. */
export interface Fence {
  info: string;
  code: string;
}

const FENCE = /^( *)(`{3,})([^\n`]*)\n([\s\S]*?)^\1\2`*[ \t]*$/gm;

export const fences = (text: string): Fence[] =>
  [...text.matchAll(FENCE)].map(([, , , info = '', code = '']) => ({ info: info.trim(), code }));

/** The only block with this info. @throws if there is none, or more than one */
export function fence(text: string, info: string): string {
  const found = fences(text).filter((block) => block.info === info);
  const [only] = found;
  if (!only || found.length > 1) throw new Error(`${found.length} blocks are marked \`${info}\``);
  return only.code;
}

/** Returns the text from a heading to the next one of its level or above. @throws if there is no such heading */
export function section(text: string, heading: string): string {
  const lines = text.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`no heading "${heading}"`);
  const level = heading.indexOf(' ');
  const ends = (line: string) => /^#+ /.test(line) && line.indexOf(' ') <= level;
  const length = lines.slice(start + 1).findIndex(ends);
  return lines.slice(start, length < 0 ? lines.length : start + 1 + length).join('\n');
}

/** Cells of all table rows, without headings and rules. A pipe inside code is written `\|`. */
export function rows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  const isRule = (line: string | undefined) => /^\|( *:?-+:? *\|)+$/.test(line ?? '');
  const isBody = (line: string, i: number) => !isRule(line) && !isRule(lines[i + 1]);
  return lines.filter(isBody).map((line) =>
    line
      .slice(1, line.lastIndexOf('|'))
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** Everything in backticks. */
export const codes = (text: string): string[] =>
  [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => code ?? []);

export const readText = (path: string): Promise<string> => readFile(path, 'utf8');
