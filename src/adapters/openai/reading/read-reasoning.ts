import { isObject } from '../text-names.js';

/**
 * Reads the model's reasoning from a `delta` or a `message`. Servers that fill in several of the names repeat
 * themselves, so the first one counts: `reasoning_content` (DeepSeek, llama.cpp, SGLang), `reasoning` (vLLM, Ollama,
 * OpenRouter, Groq), `reasoning_text`, `thinking` (Ollama's own API), `reasoning_details` (OpenRouter), parts of the
 * content of type `thinking` (Mistral, Anthropic).
 */
export function readReasoning(piece: unknown): string {
  if (!isObject(piece)) return '';
  for (const name of NAMES) {
    const text = textIn(piece[name]);
    if (text !== '') return text;
  }
  const { content } = piece;
  return Array.isArray(content) ? content.map(ofPart).join('') : '';
}

const NAMES = [
  'reasoning_content',
  'reasoning',
  'reasoning_text',
  'thinking',
  'thinking_content',
  'reasoning_details',
] as const;

const ABOUT_REASONING = /think|reason/i;

function ofPart(part: unknown): string {
  if (!isObject(part) || typeof part.type !== 'string' || !ABOUT_REASONING.test(part.type))
    return '';
  return textIn(part.thinking ?? part.reasoning ?? part);
}

/** Reads a string, or parts whose text has one of several names. Encrypted parts have none. */
function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textIn).join('');
  if (!isObject(value)) return '';
  const text = value.text ?? value.summary ?? value.content;
  return typeof text === 'string' || Array.isArray(text) ? textIn(text) : '';
}
