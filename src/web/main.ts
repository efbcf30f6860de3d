import './styles/index.css';
import { languageOf } from './i18n/language-of.js';
import { loadTexts } from './i18n/languages.js';
import { recall } from './recall.js';

// The first view must not import the modules of this one: a shared file would be one more to wait for.

/** Waits for the styles, because rendered parts may ask for their size. */
async function untilStyled(): Promise<void> {
  const styles = document.querySelector<HTMLLinkElement>('link[rel=stylesheet]');
  if (styles === null || styles.sheet !== null) return;
  await new Promise((resolve) => {
    for (const name of ['load', 'error']) styles.addEventListener(name, resolve);
  });
}

const language = (choice: string | null) => languageOf(choice, navigator.languages);
const [{ start }, texts] = await Promise.all([
  import('./start.js'),
  loadTexts(language(recall('parley:language'))),
  untilStyled(),
]);
start({
  languages: { of: language, load: loadTexts, first: texts },
  loadChat: () => import('./chat-part.js'),
});
