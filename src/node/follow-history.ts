import type { Services } from '../domain/services.js';
import type { History } from '../ports/history.js';
import type { NodeNotices } from '../ports/node-notices.js';

/** Tells the other nodes that the data have gone back in time, in case their own connections do not show it. */
export function followHistory(
  history: History,
  notices: NodeNotices,
  { scheduler, completionRuns }: Services,
): void {
  history.onChange((mark) => {
    scheduler.recheck();
    completionRuns.recheck();
    void notices.send({ type: 'history', mark });
  });
  notices.onNotice((notice) => {
    if (notice.type === 'history') history.told(notice.mark);
  });
}
