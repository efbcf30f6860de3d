const GAP = 4;
const MARGIN = 8;

/** Puts a fixed box below a button, or above it where there is more room, within the window. */
export function placeBeside(box: HTMLElement, button: HTMLElement): void {
  const { top, bottom, left } = button.getBoundingClientRect();
  const below = innerHeight - bottom - GAP - MARGIN;
  const above = top - GAP - MARGIN;
  const isAbove = box.offsetHeight > below && above > below;
  const most = innerWidth - box.offsetWidth - MARGIN;
  box.style.left = `${Math.max(MARGIN, Math.min(left, most))}px`;
  box.style.maxHeight = `${isAbove ? above : below}px`;
  if (isAbove) box.style.bottom = `${innerHeight - top + GAP}px`;
  else box.style.top = `${bottom + GAP}px`;
}
