import createDOMPurify from 'dompurify';

/** Turns HTML from a model into nodes that run nothing, load nothing and look like the page. */
export type Sanitizer = (html: string) => DocumentFragment;

const TAGS =
  'a b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i kbd li mark ol p pre s span strong sub summary sup table tbody td th thead tr u ul';
/** Attributes with `data-` come only from the renderer. */
const HARMLESS_ATTRIBUTES =
  'align data-formula data-language data-note data-task dir lang open start title';

export function createSanitizer(): Sanitizer {
  const purify = createDOMPurify(window);
  purify.addHook('afterSanitizeAttributes', (node) => {
    if (node.nodeName === 'A') openElsewhere(node);
  });
  return (html) =>
    purify.sanitize(html, {
      ALLOWED_TAGS: TAGS.split(' '),
      ALLOWED_ATTR: ['href', ...HARMLESS_ATTRIBUTES.split(' ')],
      ADD_URI_SAFE_ATTR: HARMLESS_ATTRIBUTES.split(' '),
      ALLOW_DATA_ATTR: false,
      ALLOW_ARIA_ATTR: false,
      ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
      RETURN_DOM_FRAGMENT: true,
    });
}

function openElsewhere(link: Element): void {
  if (!link.hasAttribute('href')) return;
  link.setAttribute('target', '_blank');
  link.setAttribute('rel', 'noopener noreferrer nofollow');
}
