import { languageOf } from './i18n/language-of.js';
import { recall } from './recall.js';

/*
 * A script of its own that runs while the document is read: modules run after the first paint, which is late on a slow
 * phone. It asks for the files that this browser is known to need.
 */
const language = languageOf(recall('parley:language'), navigator.languages);
const parts = [`texts-${language}`];
if (recall('parley:user') !== null) parts.push('chat');
for (const link of document.querySelectorAll<HTMLLinkElement>('link[data-part]'))
  if (parts.includes(link.dataset.part ?? '')) link.rel = 'modulepreload';
// The browser reads the manifest after the page, in one language for each installation.
const manifest = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
if (manifest !== null && language !== 'en') manifest.href = `/manifest.${language}.webmanifest`;
