import { type ReadonlySignal, signal } from '@preact/signals';
import type { ParleyClient } from '../../client/index.js';
import type { SearchPage, SearchResult } from '../../contract/search.js';

export interface SearchState {
  /** Empty: nothing is searched. */
  query: string;
  results: readonly SearchResult[];
  hasMore: boolean;
  loading: boolean;
  /** The last request failed. */
  failed: boolean;
}

export interface Search {
  state: ReadonlySignal<SearchState>;
  find(query: string): void;
  more(): void;
  /** Repeats a request that failed. */
  again(): void;
}

const NOTHING: SearchState = {
  ...{ query: '', results: [], hasMore: false, loading: false, failed: false },
};

/** One request runs at a time; of the queries typed meanwhile only the last counts. */
export function createSearch(client: ParleyClient, report: (error: unknown) => void): Search {
  const state = signal(NOTHING);
  let cursor: string | null = null;
  let running = false;

  const take = (query: string, before: readonly SearchResult[], page: SearchPage) => {
    if (state.value.query !== query) return;
    cursor = page.next_cursor;
    const results = [...before, ...page.results];
    state.value = { query, results, hasMore: cursor !== null, loading: false, failed: false };
  };
  const failed = (query: string, error: unknown) => {
    if (state.value.query !== query) return;
    state.value = { ...state.value, loading: false, failed: true };
    report(error);
  };
  const ask = async (from: string | null) => {
    const { query, results } = state.value;
    running = true;
    try {
      const page = await client.search({ q: query, ...(from !== null && { cursor: from }) });
      take(query, from === null ? [] : results, page);
    } catch (error) {
      failed(query, error);
    }
    running = false;
    if (state.value.query !== query && state.value.query !== '') void ask(null);
  };
  return {
    state,
    find: (query) => {
      if (query === state.value.query) return;
      cursor = null;
      state.value = query === '' ? NOTHING : { ...NOTHING, query, loading: true };
      if (query !== '' && !running) void ask(null);
    },
    again: () => {
      if (running || !state.value.failed) return;
      const { query, results } = state.value;
      state.value = { ...state.value, loading: true, failed: false };
      if (query !== '') void ask(results.length === 0 ? null : cursor);
    },
    more: () => {
      if (running || cursor === null) return;
      state.value = { ...state.value, loading: true };
      void ask(cursor);
    },
  };
}
