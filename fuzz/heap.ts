import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Reads the state of a node through its inspector. */
export class HeapWatch {
  #socket: WebSocket;
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** `port` is the one of the node's `--inspect`. */
  static async open(port: number): Promise<HeapWatch> {
    const list = await fetch(`http://127.0.0.1:${port}/json/list`);
    const [target] = (await list.json()) as { webSocketDebuggerUrl: string }[];
    const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
    await once(socket, 'open');
    return new HeapWatch(socket);
  }

  /** Bytes of the JavaScript heap in use after a full collection. */
  async used(): Promise<number> {
    await this.#call('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#call('Runtime.getHeapUsage');
    return Number(usedSize);
  }

  close(): void {
    this.#socket.close();
  }

  #call(method: string): Promise<Record<string, unknown>> {
    this.#calls += 1;
    const id = this.#calls;
    return new Promise((resolve) => {
      const listen = (text: unknown) => {
        const answer = JSON.parse(String(text));
        if (answer.id !== id) return;
        this.#socket.off('message', listen);
        resolve(answer.result ?? {});
      };
      this.#socket.on('message', listen);
      this.#socket.send(JSON.stringify({ id, method }));
    });
  }
}
