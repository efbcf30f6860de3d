import type { Page } from 'playwright-core';
import type { Person } from './person.js';

interface SlowTab {
  page: Page;
  /** Resolves when a reply is held. */
  isHeld(): Promise<unknown>;
  /** Delivers what is held, and holds no more. Before that, in the same task, it types `text` into the focused box. */
  release(text?: string): Promise<void>;
}

interface Slow {
  held: (() => void)[] | null;
}

/** Another tab of somebody, at the same address, which gets the replies to calls of `event` late. */
export async function openSlowTab(person: Person, event: string): Promise<SlowTab> {
  const page = await person.context.newPage();
  await page.addInitScript(holdReplies, event);
  await page.goto(person.page.url());
  const isHeld = () => page.waitForFunction(() => (window as unknown as Slow).held?.length !== 0);
  const release = async (text = '') => {
    await page.evaluate((typed) => {
      const slow = window as unknown as Slow;
      const box = document.activeElement;
      if (typed !== '' && box instanceof HTMLTextAreaElement) {
        box.value += typed;
        box.dispatchEvent(new InputEvent('input', { bubbles: true }));
      }
      for (const deliver of slow.held ?? []) deliver();
      slow.held = null;
    }, text);
  };
  return { page, isHeld, release };
}

/** Runs in the page, before its own code. */
function holdReplies(event: string): void {
  const slow = window as unknown as Slow;
  slow.held = [];
  const calls = new Set<string>();
  window.WebSocket = class extends WebSocket {
    override send(data: string): void {
      const [, id, name] = /^42(\d+)\["([^"]+)"/.exec(data) ?? [];
      if (id !== undefined && name === event) calls.add(`43${id}`);
      super.send(data);
    }

    override set onmessage(handle: (message: MessageEvent) => void) {
      super.onmessage = (message) => {
        const [start] = /^43\d+/.exec(String(message.data)) ?? [];
        if (start !== undefined && calls.has(start) && slow.held)
          slow.held.push(() => handle(message));
        else handle(message);
      };
    }
  };
}
