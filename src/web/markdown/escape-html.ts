const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const SPECIAL = /[&<>"']/g;
const SPECIAL_OUTSIDE_ENTITIES = /[<>"']|&(?!(?:#\d{1,7}|#[Xx][a-fA-F0-9]{1,6}|\w+);)/g;

const entity = (character: string): string => ENTITIES[character] ?? character;

export const escapeHtml = (text: string): string => text.replace(SPECIAL, entity);

/** Escapes texts of Markdown, in which `&lt;` is an entity already. */
export const escapeText = (text: string): string => text.replace(SPECIAL_OUTSIDE_ENTITIES, entity);
