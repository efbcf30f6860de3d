import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigError, readEnv } from '../../../src/config/config.js';

const YAML = `
providers:
  - name: deep
    base_url: https://deep.example/v1/
    api_key_env: DEEP_KEY
    rpm: 60
    tpm: 100000
    models:
      - id: deep-chat
        upstream_id: chat-v3
        name: Deep Chat
        aliases: [deep, chat]
        context_window: 65536
        max_output: 8192
        reasoning: true
        price: {input: 0.5, output: 1.5, currency: USD}
        fallback: [local]
  - name: home
    base_url: http://127.0.0.1:11434/v1
    models:
      - id: local
        think_tags: true
`;
const HOME = { name: 'home', base_url: 'http://h/v1', models: [{ id: 'm' }] };

describe('The providers file', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'providers-'));
  });
  after(() => rm(dir, { recursive: true }));

  const read = async (text: string | object, env: Record<string, string> = {}) => {
    const path = join(dir, 'providers.yaml');
    await writeFile(path, typeof text === 'string' ? text : JSON.stringify(text));
    return readEnv({ PROVIDERS_FILE: path, DEEP_KEY: 'sk-deep-1', ...env }).provider;
  };
  const problem = async (...given: Parameters<typeof read>): Promise<string> => {
    try {
      await read(...given);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.join('\n');
      throw error;
    }
    return 'none';
  };

  it('gives servers, their keys and their models, with what is left out filled in', async () => {
    const { servers, models, defaultModel } = await read(YAML);
    expect({ models, defaultModel }).to.deep.equal({ models: [], defaultModel: 'deep-chat' });
    const [deep, home] = servers;
    expect(deep).to.deep.equal({
      name: 'deep',
      baseUrl: 'https://deep.example/v1',
      apiKey: 'sk-deep-1',
      requestsPerMinute: 60,
      tokensPerMinute: 100_000,
      models: [
        {
          id: 'deep-chat',
          upstreamId: 'chat-v3',
          name: 'Deep Chat',
          aliases: ['deep', 'chat'],
          contextWindow: 65_536,
          maxOutput: 8_192,
          vision: false,
          reasoning: true,
          price: { input: 0.5, output: 1.5, currency: 'USD' },
          fallback: ['local'],
          thinkTags: false,
        },
      ],
    });
    expect(home).to.include({ apiKey: null, requestsPerMinute: 0, tokensPerMinute: 0 });
    expect(home?.models[0]).to.include({ name: 'local', upstreamId: 'local', thinkTags: true });
  });

  it('may be JSON', async () => {
    expect((await read({ providers: [HOME] })).defaultModel).to.equal('m');
  });

  it('comes after the server of the variables, which has the default model', async () => {
    const provider = await read(YAML, { OPENAI_API_KEY: 'k', OPENAI_MODEL: 'mine' });
    expect(provider).to.deep.include({ apiKey: 'k', defaultModel: 'mine', models: ['mine'] });
    expect(provider.servers.map(({ name }) => name)).to.deep.equal(['deep', 'home']);
  });

  it('lets a variable choose its default model, by an alias too', async () => {
    expect((await read(YAML, { OPENAI_MODEL: 'local' })).defaultModel).to.equal('local');
    expect((await read(YAML, { OPENAI_MODEL: 'chat' })).defaultModel).to.equal('deep-chat');
    expect(await problem(YAML, { OPENAI_MODEL: 'x' })).to.include('a model of PROVIDERS_FILE');
  });

  const PROBLEMS: [what: string, given: string | object, told: RegExp][] = [
    ['is no YAML', 'providers: [', /PROVIDERS_FILE: expected YAML or JSON, see line \d/],
    ['is empty', '', /the file/],
    ['has no providers', {}, /providers is required/],
    ['has an empty list', { providers: [] }, /providers must contain at least 1/],
    [
      'misses a name',
      { providers: [{ ...HOME, name: undefined }] },
      /providers\[0\]\.name is required/,
    ],
    [
      'misses models',
      { providers: [{ ...HOME, models: [] }] },
      /providers\[0\]\.models must contain/,
    ],
    [
      'misspells a key',
      { providers: [{ ...HOME, model: [] }] },
      /providers\[0\]\.model is not allowed/,
    ],
    [
      'has two providers of one name',
      { providers: [HOME, HOME] },
      /providers\[1\] contains a duplicate/,
    ],
    [
      'has a bad address',
      { providers: [{ ...HOME, base_url: 'h' }] },
      /providers\[0\]\.base_url: expected http/,
    ],
    [
      'names a key that is not set',
      { providers: [{ ...HOME, api_key_env: 'NO_KEY' }] },
      /providers\[0\]\.api_key_env: the variable NO_KEY is not set/,
    ],
    [
      'has a bad price',
      { providers: [{ ...HOME, models: [{ id: 'm', price: { input: 1, currency: 'USD' } }] }] },
      /models\[0\]\.price\.output is required/,
    ],
    [
      'has a limit that is no number',
      { providers: [{ ...HOME, rpm: '60' }] },
      /providers\[0\]\.rpm must be a number/,
    ],
    [
      'uses a name twice',
      { providers: [{ ...HOME, models: [{ id: 'm' }, { id: 'n', aliases: ['m'] }] }] },
      /the model name m is used twice/,
    ],
    [
      'has a fallback that does not exist',
      { providers: [{ ...HOME, models: [{ id: 'm', fallback: ['n'] }] }] },
      /the fallback n of m is not the id of another model/,
    ],
    [
      'has itself as a fallback',
      { providers: [{ ...HOME, models: [{ id: 'm', fallback: ['m'] }] }] },
      /the fallback m of m/,
    ],
  ];
  for (const [what, given, told] of PROBLEMS) {
    it(`is refused, with the reason and the place, if it ${what}`, async () => {
      expect(await problem(given)).to.match(told);
    });
  }

  it('may have models of the variables as fallbacks, if they are offered', async () => {
    const given = { providers: [{ ...HOME, models: [{ id: 'm', fallback: ['big', 'other'] }] }] };
    const names = { OPENAI_MODEL: 'big', OPENAI_MODELS: 'other' };
    const { servers } = await read(given, { OPENAI_API_KEY: 'sk-1', ...names });
    expect(servers[0]?.models[0]?.fallback).to.deep.equal(['big', 'other']);
    expect(await problem(given, { OPENAI_MODELS: 'big,other' })).to.match(/the fallback big of m/);
  });

  it('is refused if it is not there', () => {
    const path = join(dir, 'nowhere.yaml');
    expect(() => readEnv({ PROVIDERS_FILE: path })).to.throw(ConfigError, /can be read \(ENOENT\)/);
  });

  it('never shows a key', async () => {
    const told = await problem(YAML, { DEEP_KEY: 'hunter2 hunter2' });
    expect(told).to.include('providers[0].api_key_env').and.not.include('hunter2');
  });
});
