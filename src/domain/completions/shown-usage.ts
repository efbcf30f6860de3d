import type { OpenAIUsage } from '../../contract/openai.js';
import type { TokenCounts } from '../../ports/completion-provider.js';
import type { RawRequest } from '../../ports/raw-completions.js';

const showsUsage = ({ stream_options: options }: RawRequest['body']): boolean =>
  Object(options).include_usage === true;

const toUsage = (counts: TokenCounts): OpenAIUsage => ({
  prompt_tokens: counts.prompt_tokens,
  completion_tokens: counts.completion_tokens,
  total_tokens: counts.total_tokens,
  prompt_tokens_details: { cached_tokens: counts.cached_tokens },
  completion_tokens_details: { reasoning_tokens: counts.reasoning_tokens },
});

/** The last event of a stream whose server counts nothing, after its `first` one. */
function usageChunk(first: string, usage: TokenCounts): string {
  const { id, created, model } = fieldsOf(first);
  return JSON.stringify({
    ...{ id, object: 'chat.completion.chunk', created, model, choices: [] },
    usage: toUsage(usage),
  });
}

/** Events are passed on unread, so this one may be no JSON. */
function fieldsOf(json: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}

/** Passes chunks on, with the usage where its client expects it and its server sends none. */
export class ShownUsage {
  readonly #request: RawRequest;
  readonly #onChunk: (json: string) => void;
  readonly #shows: boolean;
  /** The first event, or the whole answer. */
  #first = '';

  constructor(request: RawRequest, onChunk: (json: string) => void) {
    this.#request = request;
    this.#onChunk = onChunk;
    this.#shows = showsUsage(request.body);
  }

  readonly take = (json: string): void => {
    const { stream } = this.#request;
    if (this.#first === '' && (this.#shows || !stream)) this.#first = json;
    if (stream) this.#onChunk(json);
  };

  /** `usage`: what the call has used. A whole answer is passed on now. */
  end(usage: TokenCounts): void {
    const { stream } = this.#request;
    if (!stream) this.#onChunk(usage.estimated ? this.#whole(usage) : this.#first);
    else if (this.#shows && usage.estimated) this.#onChunk(usageChunk(this.#first, usage));
  }

  #whole(usage: TokenCounts): string {
    return JSON.stringify({ ...fieldsOf(this.#first), usage: toUsage(usage) });
  }
}
