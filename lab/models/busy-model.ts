import { HeldAnswer } from './held-answer.js';
import type { Behaviour, RecordedRequest, Upstream } from './scripted-upstream.js';

/** Keeps every answer open until the test finishes it, and records the most that were open at once. */
export class BusyModel {
  mostAtOnce = 0;
  #open: HeldAnswer[] = [];
  #upstream: Upstream;

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
    upstream.otherwise(this.#behaviour);
  }

  get open() {
    return this.#open.length;
  }

  /** Answers the oldest open question, after the `count`th has been asked. */
  async finish(count: number): Promise<RecordedRequest> {
    const request = await this.#upstream.request(count);
    const oldest = this.#open.shift();
    oldest?.write(`answer ${count}`);
    oldest?.finish();
    return request;
  }

  #behaviour: Behaviour = (response, request) => {
    const held = new HeldAnswer();
    this.#open.push(held);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open.length);
    held.open(response, request);
  };
}
