import { type ReadonlySignal, signal } from '@preact/signals';
import type { Texts } from '../../i18n/en.js';
import type { Said } from './explain.js';

export interface NoticeAction {
  label: Said;
  run(): void;
}

export interface Notice {
  id: number;
  say: Said;
  /** The action that the notice offers, such as undo. */
  action?: NoticeAction;
}

const NOTICE_MS = 6_000;
const ACTION_MS = 20_000;

/** Messages that are shown for some time. Of two equal ones the newer one stays. */
export function createNotices(texts: ReadonlySignal<Texts>) {
  const notices = signal<readonly Notice[]>([]);
  let id = 0;
  const dismiss = (noticeId: number) => {
    notices.value = notices.value.filter((item) => item.id !== noticeId);
  };
  const notify = (say: Said, action?: NoticeAction) => {
    id += 1;
    const noticeId = id;
    const notice = { id, say, ...(action && { action }) };
    const now = texts.peek();
    notices.value = [...notices.value.filter((item) => item.say(now) !== say(now)), notice];
    setTimeout(() => dismiss(noticeId), action ? ACTION_MS : NOTICE_MS);
  };
  const undo = () => {
    const last = notices.value.findLast(({ action }) => action !== undefined);
    if (last === undefined) return;
    dismiss(last.id);
    last.action?.run();
  };
  return { notices, notify, dismiss, undo };
}
