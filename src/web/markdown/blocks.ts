import type { Token, Tokens } from 'marked';
import { createFormat, type Format } from './format.js';
import { cutForFormat, displayable, type PlainBlock, plainBlocks } from './plain-text.js';

/** One top-level block of an answer. Equal blocks keep their identity from one parse to the next. */
export type Block =
  | { kind: 'code'; raw: string; language: string; text: string }
  | { kind: 'html'; raw: string; html: string; tags: number }
  | PlainBlock;

export type BlockReader = (text: string, done: boolean) => readonly Block[];

/** Each block is sanitised and laid out separately. */
const BLOCKS_MAX = 1_000;
const TAGS_MAX = 10_000;

/**
 * Reads a growing Markdown text. Only the last blocks are parsed again, since more text can still change them; when
 * the text is complete, it is parsed once more as a whole. It never throws: text that is too large or too deep to be
 * formatted becomes plain blocks.
 */
export function createBlockReader(): BlockReader {
  const format = createFormat();
  let stable: readonly Block[] = [];
  let stableText = '';
  let last: readonly Block[] = [];

  const keep = (blocks: readonly Block[]) => {
    last = blocks.map((block, index) => {
      const before = last[index];
      return before !== undefined && looksLike(before, block) ? before : block;
    });
    return last;
  };

  const readTail = (head: string, done: boolean): readonly Block[] => {
    const tail = head.slice(stableText.length);
    try {
      const tokens = format.lex(tail);
      const { blocks, unread } = bounded([...stable], format, tokens, tail);
      if (!done && unread === '') settle(tokens, blocks);
      return [...blocks, ...plainBlocks(unread)];
    } catch {
      return [...stable, ...plainBlocks(tail)];
    }
  };

  const settle = (tokens: readonly Token[], blocks: readonly Block[]) => {
    const settled = tokens.slice(0, settledCount(tokens));
    stable = blocks.slice(0, stable.length + settled.filter(isVisible).length);
    stableText += settled.map(({ raw }) => raw).join('');
  };

  return (source, done) => {
    const lines = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
    const text = displayable(lines);
    if (done || !text.startsWith(stableText)) {
      stable = [];
      stableText = '';
    }
    const [head, rest] = cutForFormat(text);
    return keep([...readTail(head, done), ...plainBlocks(rest)]);
  };
}

const looksLike = (a: Block, b: Block): boolean =>
  a.kind === b.kind &&
  a.raw === b.raw &&
  (a.kind === 'html' && b.kind === 'html' ? a.html === b.html : true);

const isVisible = (token: Token): boolean => token.type !== 'space' && token.type !== 'def';

/**
 * Tokens that no further text can change: those before the last two visible ones. Two, because a list continues if
 * the text after it turns out to be an item.
 */
function settledCount(tokens: readonly Token[]): number {
  const last = tokens.findLastIndex(isVisible);
  return Math.max(
    0,
    tokens.findLastIndex((token, index) => index < last && isVisible(token)),
  );
}

/** Adds as many blocks to `blocks` as the page can handle; `unread` is the text after them. */
function bounded(blocks: Block[], format: Format, tokens: readonly Token[], text: string) {
  let tags = blocks.reduce((sum, block) => sum + tagsOf(block), 0);
  let at = 0;
  for (const token of tokens) {
    if (isVisible(token)) {
      const block = toBlock(format, token);
      tags += tagsOf(block);
      if (tags > TAGS_MAX || blocks.length >= BLOCKS_MAX) break;
      blocks.push(block);
    }
    at += token.raw.length;
  }
  return { blocks, unread: text.slice(at) };
}

const tagsOf = (block: Block): number => (block.kind === 'html' ? block.tags : 1);

function toBlock(format: Format, token: Token): Block {
  const { raw } = token;
  if (isCode(token)) {
    const language = token.lang?.split(/\s/, 1)[0] ?? '';
    return { kind: 'code', raw, language, text: token.text };
  }
  const html = format.html(token);
  return { kind: 'html', raw, html, tags: html.split('<').length };
}

const isCode = (token: Token): token is Tokens.Code => token.type === 'code';
