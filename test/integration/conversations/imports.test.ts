import { expect } from 'chai';
import fc from 'fast-check';
import { echo } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { importEnd, importFile, sendImport } from '../../../lab/people/import-call.js';
import { judged } from '../../../lab/people/judged.js';
import { importReport } from '../../../lab/people/shapes.js';
import { zipOf } from '../../../lab/people/zip-file.js';
import type { AccountExport, ConversationExport } from '../../../src/contract/export.js';
import {
  content,
  type GptNode,
  gpt,
  libre,
  libreFile,
  simple,
  webui,
} from '../../support/foreign-files.js';
import { expectNoRejections } from '../../support/rejections.js';
import { treeText } from '../../support/tree-text.js';

type Conversations = AccountExport['conversations'];

describe('An import', () => {
  expectNoRejections();

  let app: TestApp;
  let faults: string[];
  let ada: Account;
  let people = 0;

  before(async () => {
    ({ app, faults } = await judged(await startApp({ LIMIT_SCALE: '0', IMPORT_MAX_MB: '8' })));
    app.upstream.otherwise(echo());
  });
  after(() => app.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));
  beforeEach(async () => {
    people += 1;
    ada = await app.register(`ada${people}`);
  });

  const take = (file: unknown, person = ada) => importFile(app.url, person, file);
  /** Whether each was pinned, and put away. */
  const marks = async () => (await kept()).map(({ pinned, archived }) => [pinned, archived]);
  const thoughts = async () => (await kept())[0]?.messages.map(({ reasoning }) => reasoning);
  const kept = async (person = ada): Promise<Conversations> => {
    const { body } = await app.call<AccountExport>('/users/me/export', { token: person.token });
    return body.conversations;
  };
  const trees = async (person = ada) =>
    (await kept(person)).map(({ messages, active_message_id }) =>
      treeText(messages, active_message_id),
    );
  /** Imports a file with one conversation and reads its tree. */
  const treeOf = async (file: unknown) => {
    const report = await take(file);
    expect(report).to.include({ status: 'done', found: 1, imported: 1, error: null });
    return (await trees())[0];
  };
  const refusal = async (file: unknown) => {
    const { status, error } = await take(file);
    return `${status} ${error?.code}`;
  };

  describe('of ChatGPT’s', () => {
    it('has questions, answers, models, times and title', async () => {
      expect(await treeOf([simple('1')])).to.equal('U question 1 > A answer 1*');
      const [conversation] = await kept();
      expect(conversation).to.include({
        title: 'chat 1',
        model: null,
        read_message_id: conversation?.active_message_id,
        created_at: '2025-06-15T15:06:40.000Z',
        updated_at: '2025-06-15T15:08:20.250Z',
        last_message_at: '2025-06-15T15:06:41.000Z',
      });
      const [question, answer] = conversation?.messages ?? [];
      expect(question).to.include({ author: ada.username, status: 'completed', model: null });
      expect(answer).to.include({ author: null, status: 'completed', model: 'gpt-of-then' });
      expect(answer?.created_at).to.equal('2025-06-15T15:06:41.000Z');
    });

    it('keeps what was pinned or put away, and has been read', async () => {
      await take([
        { ...simple('1'), is_starred: true },
        { ...simple('2'), is_archived: true },
      ]);
      expect(await marks()).to.deep.equal([
        [true, false],
        [false, true],
      ]);
      const { body } = await app.call<{ unread_count: number }[]>('/agent/conversations', ada);
      expect(body.map(({ unread_count }) => unread_count)).to.deep.equal([0]);
    });

    it('keeps both texts of an edited question, and shows the branch that was shown', async () => {
      const nodes: GptNode[] = [
        ['q1', null, 'user', 'one'],
        ['q2', null, 'user', 'uno'],
        ['a1', 'q1', 'assistant', 'first'],
        ['a2', 'q2', 'assistant', 'second'],
      ];
      const file = [gpt('1', nodes, { current_node: 'a1' })];
      expect(await treeOf(file)).to.equal('[U one > A first* | U uno > A second]');
    });

    it('keeps answers that were asked for again, whatever the order of the file', async () => {
      const nodes: GptNode[] = [
        ['a1', 'q', 'assistant', 'first'],
        ['a2', 'q', 'assistant', 'second'],
        ['q', null, 'user', 'one'],
      ];
      const file = [gpt('1', nodes, { current_node: 'a2' })];
      expect(await treeOf(file)).to.equal('U one > [A first | A second*]');
    });

    it('leaves out what is hidden, and moves up what hangs below', async () => {
      const hidden = { metadata: { is_visually_hidden_from_conversation: true } };
      const context = content('user_editable_context', { user_profile: 'p' });
      const nodes: GptNode[] = [
        [
          's',
          null,
          'system',
          { content: { content_type: 'text', parts: [''] }, create_time: null },
        ],
        ['c', 's', 'user', context],
        ['h', 'c', 'user', { ...content('text', { parts: ['hidden'] }), ...hidden }],
        ['q', 'h', 'user', 'one'],
        ['a', 'q', 'assistant', 'two'],
        ['v', 'a', 'system', 'be brief'],
        ['end', 'v', 'tool', 'nothing'],
      ];
      expect(await treeOf([gpt('1', nodes)])).to.equal('U one > A two > S be brief*');
    });

    it('makes one answer of thoughts, code, tools and text, and shows what was said', async () => {
      const nodes: GptNode[] = [
        ['q', null, 'user', 'one'],
        [
          't',
          'q',
          'assistant',
          content('thoughts', { thoughts: [{ summary: 's', content: 'deep' }] }),
        ],
        ['i', 't', 'assistant', 'Let me look.'],
        [
          'c',
          'i',
          'assistant',
          content('code', { language: 'unknown', text: 'x()' }, { recipient: 'python' }),
        ],
        ['o', 'c', 'tool', content('execution_output', { text: '42' })],
        ['r', 'o', 'assistant', content('reasoning_recap', { content: 'Thought for 12s' })],
        ['f', 'r', 'assistant', 'It is 42.'],
        ['q2', 'f', 'user', 'thanks'],
      ];
      expect(await treeOf([gpt('1', nodes)])).to.equal(
        'U one > A Let me look.\n\nIt is 42. > U thanks*',
      );
      expect(await thoughts()).to.deep.equal([null, 'deep', null]);
    });

    it('keeps each whole answer where one was asked for again in its middle', async () => {
      const nodes: GptNode[] = [
        ['q', null, 'user', 'one'],
        ['i', 'q', 'assistant', 'Look:'],
        ['x', 'i', 'assistant', 'x'],
        ['y', 'i', 'assistant', 'y'],
        ['n', 'i', 'user', 'wait'],
      ];
      const file = [gpt('1', nodes, { current_node: 'i' })];
      expect(await treeOf(file)).to.equal(
        'U one > [A Look: > U wait* | A Look:\n\nx | A Look:\n\ny]',
      );
    });

    it('has a word for a picture, the text of a recording, and links for citations', async () => {
      const picture = { content_type: 'image_asset_pointer', asset_pointer: 'sediment://file_1' };
      const metadata = {
        citations: [
          {
            start_ix: 0,
            end_ix: 1,
            metadata: { type: 'webpage', title: 'A [b]', url: 'https://a.example/x' },
          },
          { start_ix: 4, end_ix: 5, metadata: { title: 'no', url: 'javascript:alert(1)' } },
        ],
      };
      const cited = {
        ...content('text', { parts: ['1 is 2\ue200cite\ue202turn0\ue201.'] }),
        metadata,
      };
      const nodes: GptNode[] = [
        [
          'q',
          null,
          'user',
          content('multimodal_text', {
            parts: [picture, 'What?', { content_type: 'audio_transcription', text: 'said' }],
          }),
        ],
        ['a', 'q', 'assistant', cited],
      ];
      expect(await treeOf([gpt('1', nodes)])).to.equal(
        'U [image]\nWhat?\nsaid > A [A b](https://a.example/x) is 2.*',
      );
      const [id] = (await app.rows<{ id: number }>('SELECT max(id)::int AS id FROM imports')) ?? [];
      const { body } = await app.call<{ notes: unknown }>(`/agent/imports/${id?.id}`, ada);
      expect(body.notes).to.deep.equal([{ title: 'chat 1', reason: 'files_left_out' }]);
    });

    it('makes a title of the first question where there is none', async () => {
      const long = `  ${'word '.repeat(30)}`;
      await take([
        gpt('1', [['q', null, 'user', long]], { title: null }),
        gpt('2', [['q', null, 'user', 'x']], { title: '題'.repeat(300) }),
        gpt('3', [['a', null, 'assistant', 'x']], { title: '\u200B' }),
      ]);
      const titles = (await kept()).map(({ title }) => title);
      expect(titles).to.deep.equal(['word '.repeat(10).trim(), '題'.repeat(200), '']);
    });

    it('takes what it can of damaged conversations, and names the others with the reason', async () => {
      const bare = gpt('bare', [
        ['q', null, 'user', { metadata: undefined }],
        [
          'a',
          'q',
          'assistant',
          { metadata: undefined, content: { content_type: 'text', parts: ['b'] } },
        ],
      ]);
      const report = await take([
        { title: 'Corrupted entry', id: 'c' },
        null,
        gpt('empty', []),
        bare,
        gpt(
          'lost',
          [
            ['q', 'nobody', 'user', 'one'],
            ['a', 'q', 'assistant', 'two'],
          ],
          { current_node: 'no such' },
        ),
        gpt('round', [
          ['a', 'b', 'user', 'one'],
          ['b', 'a', 'assistant', 'two'],
        ]),
        {
          ...simple('odd'),
          mapping: {
            x: 5,
            y: null,
            q: {
              message: {
                author: { role: 'user' },
                content: { content_type: 'text', parts: ['ok', 7, null] },
              },
            },
          },
        },
      ]);
      expect(report.skipped).to.deep.equal([
        { title: 'Corrupted entry', reason: 'unreadable' },
        { title: '', reason: 'unreadable' },
        { title: 'chat empty', reason: 'empty' },
      ]);
      expect(report).to.include({ status: 'done', found: 7, imported: 4, duplicates: 0 });
      expect(await trees()).to.deep.equal(['A b*', 'U one > A two*', 'U one > A two*', 'U ok*']);
    });

    it('takes a chain of two thousand messages', async () => {
      const nodes = Array.from(
        { length: 2_000 },
        (_, n): GptNode => [
          `n${n}`,
          n === 0 ? null : `n${n - 1}`,
          n % 2 ? 'assistant' : 'user',
          `${n}`,
        ],
      );
      expect(await take([gpt('1', nodes)])).to.include({ status: 'done', imported: 1 });
      const chain = await app.rows(
        `SELECT count(m.id)::int AS count, max(m.id) = max(c.active_message_id) AS "isActive",
           count(*) FILTER (WHERE m.parent_id IS NULL)::int AS roots, bool_and(coalesce(m.parent_id < m.id, true)) AS old
         FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
           JOIN messages m ON m.conversation_id = c.id
         WHERE cm.user_id = $1`,
        [ada.id],
      );
      expect(chain).to.deep.equal([{ count: 2_000, isActive: true, roots: 1, old: true }]);
    });

    it('refuses more messages than a conversation may have, and cuts texts over their limit', async () => {
      const message = { author: { role: 'user' }, content: { parts: ['x'] } };
      const nodes = Array.from({ length: 20_001 }, (_, n) => [`n${n}`, { message }]);
      const many = { title: 'chat many', mapping: Object.fromEntries(nodes) };
      const long = `${'x'.repeat(31_999)}😀`;
      const report = await take([many, gpt('long', [['q', null, 'user', long]])]);
      expect(report.skipped).to.deep.equal([{ title: 'chat many', reason: 'too_many_messages' }]);
      expect(report.notes).to.deep.equal([{ title: 'chat long', reason: 'text_cut' }]);
      expect((await kept())[0]?.messages[0]?.content).to.equal('x'.repeat(31_999));
    });

    it('keeps a text that begins like the address of a picture', async () => {
      const events = `data: {"text": "${'x'.repeat(200)}"}`;
      const address = `data:text/plain,${'y'.repeat(200)}`;
      const picture = `data:image/svg+xml;base64,${'z'.repeat(40_000)}`;
      const report = await take([
        gpt('1', [
          ['q', null, 'user', events],
          ['a', 'q', 'assistant', address],
          ['r', 'a', 'user', picture],
        ]),
      ]);
      const [conversation] = await kept();
      const texts = conversation?.messages.map((message) => message.content);
      expect(texts).to.deep.equal([events, address, picture.slice(0, 32_000)]);
      expect(report.notes).to.deep.equal([{ title: 'chat 1', reason: 'text_cut' }]);
    });

    it('does not repeat long thoughts for each of many answers', async () => {
      const thoughts = content('thoughts', { thoughts: [{ content: 'x'.repeat(1_000_000) }] });
      const answers = Array.from(
        { length: 80 },
        (_, n): GptNode => [`a${n}`, 't', 'assistant', 'yes'],
      );
      const file = zipOf([
        {
          name: 'conversations.json',
          data: JSON.stringify([gpt('1', [['t', null, 'assistant', thoughts], ...answers])]),
        },
      ]);
      const report = await take(file);
      expect(report.skipped).to.deep.equal([{ title: 'chat 1', reason: 'too_large' }]);
    });

    it('stores what cannot be stored as replacement characters', async () => {
      const file = JSON.stringify([
        gpt('1', [['q', null, 'user', 'a\u0000b\uD800c']], { title: 't\u0000\uDC00' }),
      ]);
      expect(await treeOf(file)).to.equal('U a\uFFFDb\uFFFDc*');
      expect((await kept())[0]?.title).to.equal('t\uFFFD\uFFFD');
    });

    it('comes in an archive with several parts, of which one may be there twice or broken', async () => {
      const part = JSON.stringify([simple('1'), simple('2')]);
      const archive = zipOf([
        { name: 'export/conversations-010.json', data: JSON.stringify([simple('4')]) },
        { name: 'export/conversations-001.json', data: part },
        { name: 'export/conversations-002.json', data: part },
        { name: 'export/conversations-003.json', data: `[${JSON.stringify(simple('3'))}, {"tit` },
        { name: 'export/user.json', data: '{"email": "x"}' },
        { name: 'export/chat.html', data: '<html>' },
      ]);
      const report = await take(archive);
      expect(report).to.include({ status: 'done', found: 7, imported: 4, duplicates: 2 });
      expect(report.skipped).to.deep.equal([
        { title: 'export/conversations-003.json', reason: 'unreadable' },
      ]);
      expect((await kept()).map(({ title }) => title)).to.deep.equal([
        ...['chat 1', 'chat 2', 'chat 3', 'chat 4'],
      ]);
    });
  });

  describe('of LibreChat’s', () => {
    const user = { isCreatedByUser: true };

    it('takes a nested tree, with what hangs below messages without text', async () => {
      const file = libreFile('1', [
        libre('q', 'one', {
          ...user,
          children: [
            libre('e', 'quota exceeded', { error: true }),
            libre('a', '', { children: [libre('q2', 'two', { ...user, createdAt: undefined })] }),
            libre('b', '', {
              model: 'm-1',
              content: [
                { type: 'think', think: 'hm' },
                { type: 'text', text: { value: 'from parts' } },
                { type: 'tool_call', tool_call: { name: 'x' } },
                { type: 'text', text: 'and more' },
              ],
            }),
          ],
        }),
      ]);
      expect(await treeOf(file)).to.equal('U one > [U two | A from parts\n\nand more*]');
      const [conversation] = await kept();
      expect(conversation).to.include({ title: 'talk 1', created_at: '2025-03-01T10:00:00.000Z' });
      expect(conversation?.messages.at(-1)).to.include({ model: 'm-1', reasoning: 'hm' });
    });

    it('takes a flat list, with the settings of the conversation', async () => {
      const none = '00000000-0000-0000-0000-000000000000';
      const file = libreFile(
        '1',
        [
          libre('q', 'one', { ...user, parentMessageId: none }),
          libre('a', 'two', { parentMessageId: 'q' }),
          libre('q2', 'three', { ...user, parentMessageId: 'a' }),
          libre('q3', 'drei', { ...user, parentMessageId: 'a' }),
        ],
        {
          recursive: false,
          options: { promptPrefix: 'Be brief.', temperature: 0.5, model: 'test-model' },
        },
      );
      expect(await treeOf(file)).to.equal('U one > A two > [U three | U drei*]');
      expect((await kept())[0]).to.include({
        ...{ system_prompt: 'Be brief.', temperature: 0.5, model: 'test-model' },
      });
    });
  });

  describe('of Open WebUI’s', () => {
    it('takes `output` before `content`, and thoughts from both', async () => {
      const file = [
        webui(
          '1',
          {
            b: {
              ...{ parentId: 'a', role: 'assistant', model: 'llama', timestamp: 1_750_000_001 },
              content: '<details type="reasoning">old</details>other',
              output: [
                {
                  type: 'reasoning',
                  content: [{ type: 'output_text', text: 'hm' }],
                  summary: null,
                },
                { type: 'function_call', name: 'x', arguments: '{}' },
                {
                  type: 'message',
                  content: [
                    { type: 'output_text', text: 'the ' },
                    { type: 'output_text', text: 'answer' },
                  ],
                },
              ],
            },
            a: { parentId: null, role: 'user', content: 'one', timestamp: 1_750_000_000 },
            c: {
              ...{ parentId: 'a', role: 'assistant', model: 'qwen' },
              content:
                '<details type="reasoning" done="true"><summary>x</summary>\n&gt; hm, too &gt; 1 &lt; 2 &quot;a&quot; &#39;b&#x27; &amp;lt;\n</details>\nelse <details type="tool_calls">{}</details>',
            },
          },
          { currentId: 'b' },
        ),
      ];
      expect(await treeOf(file)).to.equal('U one > [A the answer* | A else]');
      const models = (await kept())[0]?.messages.map(({ model }) => model);
      expect(models).to.deep.equal([null, 'llama', 'qwen']);
      expect(await thoughts()).to.deep.equal([null, 'hm', `hm, too > 1 < 2 "a" 'b' &lt;`]);
    });

    it('keeps what was pinned or put away', async () => {
      const chat = (id: string) =>
        webui(id, { q: { parentId: null, role: 'user', content: id } }, { currentId: 'q' });
      await take([
        { ...chat('1'), pinned: true, archived: false },
        { ...chat('2'), pinned: false, archived: true },
      ]);
      expect(await marks()).to.deep.equal([
        [true, false],
        [false, true],
      ]);
    });

    it('leaves folded parts that somebody wrote where they are', async () => {
      const [own, other] = [
        '<details type="note">a</details>b',
        '<details type="reasoning">c</details>d',
      ];
      const file = [
        webui(
          '1',
          {
            q: { parentId: null, role: 'user', content: other },
            a: { parentId: 'q', role: 'assistant', content: own },
          },
          { currentId: 'a' },
        ),
      ];
      expect(await treeOf(file)).to.equal(`U ${other} > A ${own}*`);
    });

    it('takes very old chats, and a picture of megabytes for a word', async () => {
      const picture = `data:image/png;base64,${'A'.repeat(1_500_000)}`;
      const messages = [
        {
          role: 'user',
          content: 'look',
          files: [
            { type: 'image', url: picture },
            { type: 'file', name: 'a.pdf' },
          ],
        },
        { role: 'assistant', content: 'I see' },
      ];
      const file = [{ id: 'old', title: 'old', chat: { messages, system: 'Be kind.' } }];
      expect(await treeOf(file)).to.equal('U look\n\n[image]\n\n[file: a.pdf] > A I see*');
      expect((await kept())[0]).to.include({ system_prompt: 'Be kind.' });
    });
  });

  describe('of Parley’s', () => {
    it('takes the export of another account: the same trees, in the same order', async () => {
      const eve = await app.register(`eve${people}`);
      const device = await app.device(eve);
      const sent = await device.ask('message:send', { client_id: 'c1', content: 'one' });
      await device.ended(sent.assistant_message.id);
      const edit = { message_id: sent.user_message.id, client_id: 'c2', content: 'uno' };
      const edited = await device.ask('message:edit', edit);
      await device.ended(edited.assistant_message.id);
      await device.ask('message:select', { message_id: sent.assistant_message.id });
      const file = (await app.call<AccountExport>('/users/me/export', eve)).body;
      expect(await take(file)).to.include({ found: 1, imported: 1 });
      expect(await trees()).to.deep.equal(await trees(eve));
      const [mine] = await kept();
      const [hers] = await kept(eve);
      for (const key of ['title', 'created_at', 'updated_at', 'last_message_at'] as const) {
        expect(mine?.[key], key).to.equal(hers?.[key]);
      }
      expect(mine?.messages.map(({ author }) => author)).to.include(ada.username);
      expect(mine?.messages.map(({ usage }) => usage)).to.deep.equal(
        hers?.messages.map(({ usage }) => usage),
      );
    });

    it('takes the export of one conversation, without the name of whoever else wrote', async () => {
      const file = conversationFile([
        [1, null, 'user', 'one', 'zoe'],
        [2, 1, 'assistant', 'two', null],
        [3, 2, 'user', 'by another', 'max'],
      ]);
      expect(await treeOf(file)).to.equal('U one > A two > U by another*');
      const authors = (await kept())[0]?.messages.map(({ author }) => author);
      expect(authors).to.deep.equal([ada.username, null, null]);
    });

    it('keeps of errors and counts no more than this product would have written', async () => {
      const file = conversationFile([
        [1, null, 'user', 'one', null],
        [2, 1, 'assistant', 'two', null],
      ]);
      Object.assign(file.messages[1] ?? {}, {
        ...{ status: 'failed', error: { code: 'c'.repeat(9_000), message: 'm'.repeat(9_000) } },
        usage: { prompt_tokens: 1e300, completion_tokens: -1, total_tokens: 1e300 },
      });
      await take(file);
      const answer = (await kept())[0]?.messages[1];
      expect(answer?.error).to.deep.equal({ code: 'c'.repeat(64), message: 'm'.repeat(1_000) });
      const { prompt_tokens, completion_tokens } = answer?.usage ?? {};
      expect([prompt_tokens, completion_tokens]).to.deep.equal([Number.MAX_SAFE_INTEGER, 0]);
    });

    it('keeps what was pinned or put away', async () => {
      const file = conversationFile([[1, null, 'user', 'one', null]]);
      await take({ ...file, id: 1, pinned: true, archived: false });
      await take({ ...file, id: 2, pinned: false, archived: true });
      expect(await marks()).to.deep.equal([
        [true, false],
        [false, true],
      ]);
    });

    it('keeps how each answer ended, and calls those interrupted that had not', async () => {
      const ends = [
        ['completed', 'completed'],
        ['stopped', 'stopped'],
        ['interrupted', 'interrupted'],
        ['failed', 'failed'],
        ['queued', 'interrupted'],
        ['streaming', 'interrupted'],
      ] as const;
      const file = conversationFile([
        [1, null, 'user', 'one', null],
        ...ends.map(([was], i) => [2 + i, 1, 'assistant', was, null] as Row),
      ]);
      for (const [i, [status]] of ends.entries())
        Object.assign(file.messages[1 + i] ?? {}, { status });
      await take(file);
      const answers = (await kept())[0]?.messages.filter(({ role }) => role === 'assistant');
      expect(answers?.map(({ content, status }) => [content, status])).to.deep.equal(ends);
    });

    it('finds one’s own conversations there already', async () => {
      const device = await app.device(ada);
      const sent = await device.ask('message:send', { client_id: 'own', content: 'mine' });
      await device.ended(sent.assistant_message.id);
      const account = (await app.call<AccountExport>('/users/me/export', ada)).body;
      const path = `/agent/conversations/${sent.conversation.id}/export?format=json`;
      const one = (await app.call<ConversationExport>(path, ada)).body;
      for (const file of [account, one]) {
        expect(await take(file)).to.include({ found: 1, imported: 0, duplicates: 1 });
      }
      expect(await kept()).to.have.length(1);
    });

    it('comes out of another account as it was, whatever the tree', async () => {
      let files = 0;
      await fc.assert(
        fc.asyncProperty(treeArbitrary, async (rows) => {
          files += 1;
          const before = { ...conversationFile(rows), id: 9_000_000 + files };
          expect(await take(before)).to.include({ imported: 1 });
          const after = (await kept()).at(-1);
          expect(treeText(after?.messages ?? [], after?.active_message_id ?? null)).to.equal(
            treeText(before.messages, before.active_message_id),
          );
        }),
        { numRuns: 10 },
      );
    });
  });

  it('adds nothing when it is repeated, and adds again what was deleted', async () => {
    const files: unknown[] = [
      [simple('1'), simple('2')],
      libreFile('1', [libre('q', 'one', { isCreatedByUser: true })]),
      [webui('1', { a: { parentId: null, role: 'user', content: 'one' } })],
      conversationFile([[1, null, 'user', 'one', 'zoe']]),
      [gpt('no id', [['q', null, 'user', 'x']], { id: undefined, conversation_id: undefined })],
    ];
    for (const file of files) {
      const first = await take(file);
      const again = await take(file);
      expect(again).to.include({ imported: 0, duplicates: first.found, found: first.imported });
    }
    const [one] = await kept();
    expect(await kept()).to.have.length(6);
    await app.call(`/agent/conversations/${one?.id}`, { method: 'DELETE', token: ada.token });
    expect(await take(files[0])).to.include({ imported: 1, duplicates: 1 });
    expect(await kept()).to.have.length(6);
  });

  it('keeps two people’s imports of the same file apart', async () => {
    const eve = await app.register(`eve${people}`);
    const [mine, hers] = await Promise.all([take([simple('1')]), take([simple('1')], eve)]);
    expect([mine.imported, hers.imported]).to.deep.equal([1, 1]);
  });

  it('is sent as a form or as the whole body, and tells all devices of its user alone', async () => {
    const eve = await app.register(`eve${people}`);
    const [phone, laptop, other] = await Promise.all([ada, ada, eve].map((who) => app.device(who)));
    for (const [form, file] of [
      ['form', [simple('1')]],
      ['raw', [simple('2')]],
    ] as const) {
      const { status, body } = await sendImport(app.url, ada, file, form);
      expect(status).to.equal(202);
      expect(Object.keys(body)).to.deep.equal(['id', 'status']);
      const report = await importEnd(app.url, ada, body.id);
      expect(importReport.validate(report).error).to.equal(undefined);
      for (const device of [phone, laptop]) {
        const told = await device?.until(
          'import:progress',
          ({ id, status: now }) => id === body.id && now === 'done',
        );
        expect(told).to.deep.equal(report);
        await device?.until('server:resync');
      }
    }
    expect(phone?.all('conversation:created')).to.deep.equal([]);
    await other?.ask('conversation:list', {});
    expect(other?.all('import:progress')).to.deep.equal([]);
  });

  it('takes a body that says that it is JSON, of more than other calls may send', async () => {
    const long = [gpt('1', [['a', null, 'assistant', 'x'.repeat(600_000)]])];
    const { status, body } = await app.call<{ id: number }>('/agent/imports', {
      ...{ token: ada.token, body: long },
    });
    expect(status).to.equal(202);
    expect(await importEnd(app.url, ada, body.id)).to.include({ imported: 1, status: 'done' });
  });

  describe('is refused', () => {
    const codeOf = async (
      options: RequestInit & { headers?: Record<string, string>; duplex?: 'half' },
    ) => {
      const response = await fetch(`${app.url}/agent/imports`, {
        method: 'POST',
        ...options,
        headers: { authorization: `Bearer ${ada.token}`, ...options.headers },
      });
      const body = await response.json();
      return `${response.status} ${body.code}`;
    };

    it('without a file, with an empty one, and as a form without the field', async () => {
      expect(await codeOf({})).to.equal('422 validation_failed');
      expect(await codeOf({ body: '' })).to.equal('422 validation_failed');
      const empty = new FormData();
      empty.append('file', new Blob([]), 'x.json');
      expect(await codeOf({ body: empty })).to.equal('422 validation_failed');
      const other = new FormData();
      other.append('files', new Blob(['[]']), 'x.json');
      expect(await codeOf({ body: other })).to.equal('422 validation_failed');
    });

    it('with two files, of which one would be lost', async () => {
      const form = new FormData();
      for (const id of ['1', '2']) {
        form.append('file', new Blob([JSON.stringify([simple(id)])]), `${id}.json`);
      }
      expect(await codeOf({ body: form })).to.equal('422 validation_failed');
      expect(await take([simple('3')])).to.include({ imported: 1 });
    });

    it('as a form that is broken or breaks off, and when it is packed', async () => {
      const type = { 'content-type': 'multipart/form-data' };
      expect(await codeOf({ body: 'x', headers: type })).to.equal('400 malformed_json');
      const bounded = { 'content-type': 'multipart/form-data; boundary=b' };
      const begun = '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n[';
      expect(await codeOf({ body: begun, headers: bounded })).to.equal('400 malformed_json');
      const packed = { 'content-encoding': 'gzip' };
      expect(await codeOf({ body: 'x', headers: packed })).to.equal('400 malformed_json');
    });

    it('when it is larger than allowed, whether it says so or not', async () => {
      const large = new Uint8Array(8_500_000);
      expect(await codeOf({ body: large })).to.equal('413 payload_too_large');
      const form = new FormData();
      form.append('file', new Blob([large]), 'x.json');
      expect(await codeOf({ body: form })).to.equal('413 payload_too_large');
      const unsaid = new Blob([new Uint8Array(8_388_609)]).stream();
      expect(await codeOf({ body: unsaid, duplex: 'half' })).to.equal('413 payload_too_large');
    });

    it('to whoever may not write', async () => {
      await app.rows(`DELETE FROM user_roles WHERE user_id = $1`, [ada.id]);
      expect(await codeOf({ body: '[]' })).to.equal('403 forbidden');
    });
  });

  describe('fails with a code', () => {
    it('for what is no JSON, breaks off, or has something behind its end', async () => {
      expect(await refusal('hello')).to.equal('failed malformed_json');
      expect(await refusal(JSON.stringify([simple('1')]).slice(0, -1))).to.equal(
        'failed malformed_json',
      );
      expect(await refusal('[] []')).to.equal('failed malformed_json');
      expect(await refusal('[1,]')).to.equal('failed malformed_json');
      expect(await refusal('{"a" 1}')).to.equal('failed malformed_json');
      expect(await refusal('{"a":1]')).to.equal('failed malformed_json');
      expect(await refusal('['.repeat(200_000))).to.equal('failed malformed_json');
      expect(await refusal('1'.repeat(1_500_000))).to.equal('failed malformed_json');
      expect(await trees()).to.deep.equal(['U question 1 > A answer 1*']);
    });

    it('for JSON in no known form', async () => {
      expect(await refusal('{"version": 4, "history": []}')).to.equal('failed unknown_format');
      expect(await refusal('[{"title": "x"}, 5]')).to.equal('failed unknown_format');
      expect(await refusal('42')).to.equal('failed unknown_format');
      expect(await take('[]')).to.include({ status: 'done', found: 0 });
    });

    it('for archives that are damaged, encrypted, bombs, or have names that lead out of them', async () => {
      const data = JSON.stringify([simple('1')]);
      const whole = zipOf([{ name: 'conversations.json', data }]);
      expect(await refusal(whole.subarray(0, -30))).to.equal('failed archive_damaged');
      const hurt = Buffer.from(whole);
      hurt.fill(255, 60, 90);
      expect(await refusal(hurt)).to.equal('failed archive_damaged');
      const secret = zipOf([{ name: 'conversations.json', data, isEncrypted: true }]);
      expect(await refusal(secret)).to.equal('failed archive_encrypted');
      for (const name of ['../conversations.json', '/conversations.json', 'a/../../x.json']) {
        expect(await refusal(zipOf([{ name, data }])), name).to.equal('failed archive_unsafe');
      }
      const nothing = zipOf([{ name: 'chat.html', data: 'x' }]);
      expect(await refusal(nothing)).to.equal('failed unknown_format');
      const bomb = zipOf([{ name: 'conversations.json', data, saidBytes: 40_000_000 }]);
      expect(await refusal(bomb)).to.equal('failed payload_too_large');
      const liar = zipOf([
        { name: 'conversations.json', data: Buffer.alloc(1_000_000, 32), saidBytes: 10 },
      ]);
      expect(await refusal(liar)).to.equal('failed archive_damaged');
      expect(await kept()).to.deep.equal([]);
    });
  });

  it('is not stopped by a conversation from a time that nothing can hold', async () => {
    const far = (id: number, created_at: unknown) => ({
      ...{ id, title: 'far', created_at, active_message_id: 1 },
      messages: [{ id: 1, parent_id: null, role: 'user', content: 'when?' }],
    });
    const times = [1e300, -1e300, '-200000-01-01T00:00:00Z', '+275760-09-13T00:00:00Z'];
    const report = await take({ conversations: times.map((time, id) => far(id, time)) });
    expect(report).to.include({ status: 'done', imported: times.length, error: null });
  });

  it('skips a conversation that is too large to hold, and goes on with the next', async () => {
    const nodes = Array.from({ length: 150_000 }, () => '{"a":{"b":{}},"c":[[]]}').join();
    const packed = zipOf([
      {
        name: 'conversations.json',
        data: `[{"title":"huge","id":"h","mapping":{"x":[${nodes}]}},${JSON.stringify(simple('1'))}]`,
      },
    ]);
    const report = await take(packed);
    expect(report.skipped).to.deep.equal([{ title: 'huge', reason: 'too_large' }]);
    expect(report).to.include({ status: 'done', imported: 1, found: 2 });
  });
});

type Row = [
  id: number,
  parent: number | null,
  role: string,
  content: string,
  author: string | null,
];

/** A conversation as Parley exports it, by zoe. */
function conversationFile(rows: readonly Row[]) {
  const time = '2025-05-05T05:05:05.005Z';
  const messages = rows.map(([id, parent_id, role, text, author]) => ({
    ...{ id, parent_id, role, author, status: 'completed', content: text, model: null },
    ...{ finish_reason: null, usage: null, error: null, created_at: time, completed_at: null },
  })) as ConversationExport['messages'];
  const leaf = rows.findLast(([id]) => !rows.some(([, parent]) => parent === id));
  return {
    ...{ exported_at: time, exported_by: 'zoe', id: 7_000_000 + rows.length, title: 'a title' },
    ...{ model: null, system_prompt: '', temperature: null, max_tokens: null },
    ...{ created_at: time, updated_at: time, last_message_at: time },
    active_message_id: leaf?.[0] ?? null,
    messages,
  };
}

/** Trees of up to thirty messages, each below one that is older. */
const treeArbitrary = fc
  .array(
    fc.record({
      above: fc.nat(),
      role: fc.constantFrom('user', 'assistant', 'system'),
      text: fc.string({ unit: 'grapheme' }),
    }),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((nodes) =>
    nodes.map(({ above, role, text }, place): Row => {
      const parent = place === 0 || above % 5 === 0 ? null : 100 + ((above % place) as number);
      return [
        100 + place,
        parent,
        role,
        `${place} ${text.replaceAll('\u0000', '')}`,
        role === 'user' ? 'zoe' : null,
      ];
    }),
  );
