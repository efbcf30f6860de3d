/** Every error below `/v1`, in the shape that clients of OpenAI's API know. */
export interface OpenAIProblem {
  error: OpenAIError;
}

export interface OpenAIError {
  message: string;
  type: string;
  /** The field of the request that is wrong. */
  param: string | null;
  code: string | null;
}

export interface OpenAIModel {
  id: string;
  object: 'model';
  /** Seconds since the epoch; 0: unknown. */
  created: number;
  owned_by: string;
}

export interface OpenAIModelList {
  object: 'list';
  data: OpenAIModel[];
}

/** The fields of a chat completion that this server reads. The others are between the client and the model server. */
export interface CompletionBody {
  model: string;
  messages: unknown[];
  stream?: boolean | null;
  stream_options?: { include_usage?: boolean | null } | null;
}

/** The usage of an answer as OpenAI counts it. */
export interface OpenAIUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
  completion_tokens_details: { reasoning_tokens: number };
}
