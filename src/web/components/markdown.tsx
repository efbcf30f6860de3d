import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Block, type BlockReader, createBlockReader } from '../markdown/blocks.js';
import { useApp } from '../state/app.js';
import { CopyButton } from './copy-button.js';
import { copyText } from './copy-text.js';

interface Props {
  text: string;
  /** The text is whole; until then it grows. */
  done: boolean;
}

export const Markdown = ({ text, done }: Props) => {
  const reader = useRef<BlockReader | null>(null);
  reader.current ??= createBlockReader();
  const blocks = reader.current(text, done);
  return (
    <div class="markdown">
      {blocks.map((block, index) => (
        <BlockView key={`${index}-${block.kind}`} block={block} />
      ))}
    </div>
  );
};

const BlockView = ({ block }: { block: Block }) =>
  block.kind === 'code' ? (
    <CodeBlock language={block.language} text={block.text} />
  ) : (
    <HtmlBlock html={block.html} />
  );

const CodeBlock = ({ language, text }: { language: string; text: string }) => {
  const texts = useApp().preferences.texts.value;
  return (
    <figure class="code">
      <figcaption class="code-head">
        <span>{language}</span>
        <CopyButton label={texts.copyCode} text={() => text} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
};

const HtmlBlock = ({ html }: { html: string }) => {
  const { sanitize, preferences } = useApp();
  const copyLabel = preferences.texts.value.copyCode;
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const fragment = sanitize(html);
    for (const table of fragment.querySelectorAll('table')) makeScrollable(table);
    for (const code of fragment.querySelectorAll('pre')) addCopyButton(code, copyLabel);
    ref.current?.replaceChildren(fragment);
  }, [html, copyLabel]);
  return <div class="block" ref={ref} />;
};

function makeScrollable(table: HTMLTableElement): void {
  const frame = document.createElement('div');
  frame.className = 'table-scroll';
  frame.tabIndex = 0;
  table.replaceWith(frame);
  frame.append(table);
}

/** For code inside lists and quotes. */
function addCopyButton(code: HTMLPreElement, label: string): void {
  const text = code.textContent ?? '';
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet-button nested-copy';
  button.textContent = label;
  button.addEventListener('click', () => void copyText(text));
  code.before(button);
}
