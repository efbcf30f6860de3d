import { Marked, type Token, type Tokens } from 'marked';

/** One top-level piece of an answer. Equal pieces keep their identity from one reading to the next. */
export type Block =
  | { kind: 'code'; raw: string; language: string; text: string }
  | { kind: 'html'; raw: string; html: string };

export type BlockReader = (text: string, done: boolean) => readonly Block[];

/** What may stand in an answer as HTML; all other tags are shown as the text that they are. */
const HARMLESS = /^<\/?(br|sub|sup|kbd|mark|u|b|i|em|strong|details|summary)\s*\/?>$/i;

/**
 * Reads a growing Markdown text. Only the last blocks are parsed again, since more text can still change them;
 * when the text is done it is read once more as a whole.
 */
export function createBlockReader(): BlockReader {
  const marked = createMarked();
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

  return (source, done) => {
    const text = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
    if (done || !text.startsWith(stableText)) {
      stable = [];
      stableText = '';
    }
    const tokens = marked.lexer(text.slice(stableText.length));
    const blocks = keep([...stable, ...toBlocks(marked, tokens)]);
    if (!done) {
      const settled = tokens.slice(0, settledCount(tokens));
      stable = blocks.slice(0, stable.length + settled.filter(isVisible).length);
      stableText += settled.map(({ raw }) => raw).join('');
    }
    return blocks;
  };
}

const looksLike = (a: Block, b: Block): boolean =>
  a.raw === b.raw && (a.kind === 'html' && b.kind === 'html' ? a.html === b.html : true);

const isVisible = (token: Token): boolean => token.type !== 'space' && token.type !== 'def';

/**
 * Tokens that no further text can change: those before the last two visible ones. Two, since a list goes on
 * when the text after it turns out to be an item.
 */
function settledCount(tokens: readonly Token[]): number {
  const last = tokens.findLastIndex(isVisible);
  return Math.max(
    0,
    tokens.findLastIndex((token, index) => index < last && isVisible(token)),
  );
}

function toBlocks(marked: Marked, tokens: readonly Token[]): Block[] {
  return tokens.filter(isVisible).map((token) => {
    const { raw } = token;
    if (isCode(token)) {
      const language = token.lang?.split(/\s/, 1)[0] ?? '';
      return { kind: 'code', raw, language, text: token.text };
    }
    return { kind: 'html', raw, html: marked.parser([token]) };
  });
}

const isCode = (token: Token): token is Tokens.Code => token.type === 'code';

function createMarked(): Marked {
  const marked = new Marked({ gfm: true, breaks: true });
  marked.use({
    renderer: {
      html: ({ text }) => (HARMLESS.test(text.trim()) ? text : escapeHtml(text)),
      image: ({ href, text }) => `<a href="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`,
      checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    },
  });
  return marked;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
