const linkOf = (row: Element | null | undefined): HTMLElement | null =>
  row?.querySelector<HTMLElement>('a.row') ?? null;

/**
 * Moves the focus on from a row that is about to disappear: to the same conversation if it has only moved, else to
 * the row after it, or the one before.
 */
export function keepRowFocus(row: HTMLElement | null, id: number): void {
  const list = row?.closest<HTMLElement>('.conversations');
  if (!row || !list || !row.contains(document.activeElement)) return;
  const rows = [...list.querySelectorAll('.row-line')];
  const at = rows.indexOf(row);
  const beside = [rows[at + 1], rows[at - 1]];
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (document.activeElement !== document.body) return;
      const moved = list.querySelector(`[data-row="${id}"]`);
      const next = [moved, ...beside].find((item) => item?.isConnected);
      const target = linkOf(next) ?? document.querySelector<HTMLElement>('.new-chat');
      target?.focus({ preventScroll: true });
    }),
  );
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

/** The arrow keys go from row to row. */
export function onRowKey(event: KeyboardEvent): void {
  const step = STEPS[event.key];
  const list = event.currentTarget;
  const isRow = event.target instanceof HTMLElement && event.target.matches('a.row');
  if (step === undefined || !isRow || !(list instanceof HTMLElement)) return;
  event.preventDefault();
  const rows = [...list.querySelectorAll<HTMLElement>('a.row')];
  rows[rows.indexOf(event.target) + step]?.focus();
}
