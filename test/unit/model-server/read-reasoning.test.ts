import { expect } from 'chai';
import { readReasoning } from '../../../src/adapters/openai/reading/read-reasoning.js';

/** Reasoning under the names and in the forms of various servers. */
const FORMS: Record<string, unknown> = {
  'DeepSeek, llama.cpp, SGLang': { reasoning_content: 'why' },
  'vLLM, Ollama, OpenRouter, Groq': { reasoning: 'why' },
  'a text of its own': { reasoning_text: 'why' },
  'Ollama’s own API': { thinking: 'why' },
  'a content of its own': { thinking_content: 'why' },
  'OpenRouter’s details': {
    reasoning_details: [
      { type: 'reasoning.text', text: 'w' },
      { type: 'reasoning.summary', summary: 'hy' },
      { type: 'reasoning.encrypted', data: 'c2VjcmV0' },
    ],
  },
  'Mistral’s parts': {
    content: [
      { type: 'thinking', thinking: [{ type: 'text', text: 'why' }] },
      { type: 'text', text: 'so' },
    ],
  },
};

describe('The reasoning in a delta', () => {
  for (const [server, delta] of Object.entries(FORMS))
    it(`is found in the form of ${server}`, () => {
      expect(readReasoning(delta)).to.equal('why');
    });

  it('is taken once from a server that gives it under several names', () => {
    expect(readReasoning({ reasoning: 'why', reasoning_content: 'why' })).to.equal('why');
    expect(readReasoning({ reasoning_content: '', reasoning: 'why' })).to.equal('why');
  });

  it('is nothing where there is none', () => {
    for (const delta of [null, 'why', {}, { content: 'so' }, { reasoning: null }])
      expect(readReasoning(delta)).to.equal('');
  });
});
