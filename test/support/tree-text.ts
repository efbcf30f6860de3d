import type { ExportedMessage } from '../../src/contract/export.js';

const LETTERS: Record<string, string> = { user: 'U', assistant: 'A', system: 'S' };

type Shown = Pick<ExportedMessage, 'id' | 'parent_id' | 'role' | 'content'>;

/** A tree to read in a test: `U question > A answer`, branches in brackets. The active leaf has a star. */
export function treeText(messages: readonly Shown[], active: number | null): string {
  const below = (parent: number | null): string => {
    const children = messages.filter(({ parent_id }) => parent_id === parent);
    const texts = children.map(({ id, role, content }) => {
      const rest = below(id);
      return `${LETTERS[role]} ${content}${id === active ? '*' : ''}${rest && ` > ${rest}`}`;
    });
    return texts.length > 1 ? `[${texts.join(' | ')}]` : texts.join('');
  };
  return below(null);
}
