import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Block } from '../markdown/blocks.js';
import type { Sanitizer } from '../markdown/sanitizer.js';
import { useApp } from '../state/app.js';
import { CopyButton } from './copy-button.js';
import { copyText } from './copy-text.js';
import { usePaced } from './use-paced.js';

interface Props {
  text: string;
  /** The text is complete; until then it grows. */
  done: boolean;
}

/** Shows any `text`: formatted as far as that is safe and quick, otherwise plain. */
export const Markdown = ({ text, done }: Props) => {
  const blocks = usePaced(text, done);
  return (
    <div class="markdown">
      {blocks.map((block, index) => (
        <BlockView key={`${index}-${block.kind}`} block={block} />
      ))}
    </div>
  );
};

const BlockView = ({ block }: { block: Block }) => {
  if (block.kind === 'code') return <CodeBlock language={block.language} text={block.text} />;
  if (block.kind === 'html') return <HtmlBlock html={block.html} raw={block.raw} />;
  return <div class="plain-text">{block.text}</div>;
};

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

const HtmlBlock = ({ html, raw }: { html: string; raw: string }) => {
  const { sanitize, preferences } = useApp();
  const copyLabel = preferences.texts.value.copyCode;
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    ref.current?.replaceChildren(nodesOf(html, raw, sanitize, copyLabel));
  }, [html, copyLabel]);
  return <div class="block" ref={ref} />;
};

/** A text that the sanitizer cannot handle is shown plain. */
function nodesOf(html: string, raw: string, sanitize: Sanitizer, copyLabel: string): Node {
  try {
    const fragment = sanitize(html);
    for (const table of fragment.querySelectorAll('table')) makeScrollable(table);
    for (const code of fragment.querySelectorAll('pre')) addCopyButton(code, copyLabel);
    return fragment;
  } catch {
    return document.createTextNode(raw);
  }
}

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
