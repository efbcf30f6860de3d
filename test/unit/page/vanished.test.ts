import { expect } from 'chai';
import type { ListState } from '../../../src/client/index.js';
import type { Conversation } from '../../../src/contract/rest.js';
import { vanished } from '../../../src/web/state/offline/vanished.js';

/** A conversation of the day of November that is its id. */
const item = (id: number) =>
  ({ id, created_at: `2026-11-${id}T00:00:00Z`, last_message_at: null }) as unknown as Conversation;

const list = (ids: number[], hasMore: boolean): ListState => ({
  ...{ conversations: ids.map(item), query: '', hasMore, loading: false, loaded: true },
  error: null,
});

describe('Conversations that have vanished from a list', () => {
  const before = [28, 27, 26, 25, 24].map(item);

  it('are those that it had and has no more', () => {
    expect(vanished(before, list([28, 26, 25], false))).to.deep.equal([27, 24]);
  });

  it('are not those that may be on a later page', () => {
    expect(vanished(before, list([29, 28, 26], true))).to.deep.equal([27]);
  });

  it('are none where nothing was known, and all where nothing is left', () => {
    expect(vanished([], list([28], false))).to.deep.equal([]);
    expect(vanished(before, list([], false))).to.deep.equal([28, 27, 26, 25, 24]);
  });
});
