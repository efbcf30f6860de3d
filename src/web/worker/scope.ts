/** The surroundings that the service worker needs, which the types of documents lack. */
export interface WorkerScope {
  readonly clients: { claim(): Promise<void> };
  readonly location: { readonly origin: string };
  readonly navigator: { readonly userAgent: string };
  readonly registration: {
    readonly navigationPreload?: { enable(): Promise<void>; disable(): Promise<void> };
  };
  skipWaiting(): Promise<void>;
  addEventListener<K extends keyof WorkerEvents>(
    name: K,
    listener: (event: WorkerEvents[K]) => void,
  ): void;
}

interface WaitingEvent {
  /** The browser keeps the worker alive until then. */
  waitUntil(done: Promise<unknown>): void;
}

export interface FetchEvent extends WaitingEvent {
  readonly request: Request;
  /** The document, which the browser asked for while the worker was starting. */
  readonly preloadResponse?: Promise<Response | undefined>;
  respondWith(response: Promise<Response>): void;
}

interface WorkerEvents {
  install: WaitingEvent;
  activate: WaitingEvent;
  fetch: FetchEvent;
  message: WaitingEvent & { readonly data: unknown };
  /** The browser has a network again. */
  sync: WaitingEvent & { readonly tag: string };
}
