import type { Logger } from 'pino';
import type { CompletionProvider } from '../../ports/completion-provider.js';
import { startDemoModel } from './demo/server.js';
import { createOpenAIProvider, type OpenAIProviderOptions } from './provider.js';

export interface OpenModel {
  provider: CompletionProvider;
  close(): Promise<void>;
}

/** The configured model server. Without key and address, the demo model, which is called like any other. */
export async function openModel(
  options: OpenAIProviderOptions,
  logger: Logger,
): Promise<OpenModel> {
  if (options.apiKey !== null || options.baseUrl !== null) return open(options);
  const demo = await startDemoModel();
  logger.warn(
    { url: demo.url },
    'no OPENAI_API_KEY or OPENAI_BASE_URL: answers come from the built-in demo model',
  );
  const { provider, close } = open({ ...options, baseUrl: demo.url });
  return {
    provider,
    async close() {
      await close();
      await demo.stop();
    },
  };
}

function open(options: OpenAIProviderOptions): OpenModel {
  const provider = createOpenAIProvider(options);
  return { provider, close: () => provider.stop() };
}
