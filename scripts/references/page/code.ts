import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import javascript from 'highlight.js/lib/languages/javascript';
import python from 'highlight.js/lib/languages/python';
import type { ExampleLanguage, Examples } from '../examples.js';
import { Html, html } from './html.js';
import type { PageTexts } from './texts.js';

const HIGHLIGHTED: Record<ExampleLanguage, string> = {
  curl: 'bash',
  JavaScript: 'javascript',
  Python: 'python',
};

hljs.registerLanguage('bash', bash);
hljs.registerLanguage('javascript', javascript);
hljs.registerLanguage('python', python);
hljs.configure({ classPrefix: 'hl-' });

const coloured = (code: string, language: ExampleLanguage): Html =>
  new Html(hljs.highlight(code, { language: HIGHLIGHTED[language] }).value);

const block = (language: ExampleLanguage, code: string): Html =>
  html`<figure class="code" data-example="${language}"><figcaption class="code-language">${language}</figcaption><pre tabindex="0"><code>${coloured(code, language)}</code></pre></figure>`;

/** All languages, one below the other. With script one at a time is shown, by the choice above them. */
export function examples(all: Examples, texts: PageTexts): Html {
  const given = Object.entries(all) as [ExampleLanguage, string][];
  const buttons = given.map(
    ([language]) =>
      html`<button type="button" class="code-button" data-choose="${language}">${language}</button>`,
  );
  return html`<div class="examples" data-first="${given[0]?.[0]}"><div class="code-head scripted"><div class="code-tools" role="group" aria-label="${texts.example}">${buttons}</div><button type="button" class="code-button" data-copy data-done="${texts.copied}">${texts.copy}</button></div>${given.map(([language, code]) => block(language, code))}</div>`;
}

/** A block by itself. */
export const snippet = (language: ExampleLanguage, code: string): Html =>
  html`<figure class="code code-alone"><pre tabindex="0"><code>${coloured(code, language)}</code></pre></figure>`;
