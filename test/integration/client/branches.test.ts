import { expect } from 'chai';
import { answer, echo } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { Reader } from '../../../lab/people/reader.js';
import { expectNoRejections } from '../../support/rejections.js';

type Shown = readonly { status: string; content: string }[];

describe('the client on the branches of a conversation', () => {
  expectNoRejections();

  let app: TestApp;
  let ada: Account;
  let here: Reader;
  let there: Reader;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    ada = await app.register('ada');
  });
  after(() => app.stop());
  beforeEach(() => {
    app.upstream.otherwise(echo());
    [here, there] = [new Reader(app.url, ada), new Reader(app.url, ada)];
  });
  afterEach(() => {
    here.close();
    there.close();
  });

  const texts = (messages: Shown) => messages.map(({ content }) => content);
  /** Both devices show this, and the answer has ended. */
  const bothShow = async (id: number, ...expected: string[]) => {
    for (const reader of [here, there]) {
      const { messages } = reader.client.open(id).state;
      if (expected.length > 0)
        await reader.sees(
          id,
          ({ content, status }) =>
            content === expected.at(-1) && status !== 'queued' && status !== 'streaming',
        );
      else expect(texts(messages)).to.deep.equal([]);
      expect(texts(reader.client.open(id).state.messages)).to.deep.equal(expected);
    }
  };
  const turn = async (content: string) => {
    const sent = await here.client.send({ content });
    const { id } = sent.conversation;
    await bothShow(id, content, `echo: ${content}`);
    return { id, question: sent.user_message.id, first: sent.assistant_message.id };
  };

  it('shows an edit, and what is selected again, on both devices', async () => {
    const { id, question, first } = await turn('one');
    const edited = await here.client.open(id).edit(question, { content: 'uno' });
    await bothShow(id, 'uno', 'echo: uno');
    const [shown] = there.client.open(id).state.messages;
    expect(shown?.sibling_ids).to.deep.equal([question, edited.user_message.id]);
    await there.client.select(first);
    await bothShow(id, 'one', 'echo: one');
    here.client.open(id).look(edited.assistant_message?.id ?? null);
    await here.sees(id, ({ content }) => content === 'echo: uno');
    expect(texts(there.client.open(id).state.messages)).to.deep.equal(['one', 'echo: one']);
    here.client.open(id).look(null);
    await bothShow(id, 'one', 'echo: one');
  });

  it('shows another answer, and the one before when that is deleted', async () => {
    const { id, first } = await turn('again');
    app.upstream.script(answer(['differently']));
    const { assistant_message } = await here.client.regenerate(first);
    await bothShow(id, 'again', 'differently');
    expect(there.client.open(id).state.messages.at(-1)?.sibling_ids).to.deep.equal([
      first,
      assistant_message.id,
    ]);
    const { message_ids } = await there.client.deleteMessage(assistant_message.id);
    expect(message_ids).to.deep.equal([assistant_message.id]);
    await bothShow(id, 'again', 'echo: again');
    expect(here.client.open(id).state.messages.at(-1)?.sibling_ids).to.deep.equal([first]);
  });

  it('shows the whole text of an answer that goes on, after a lost connection too', async () => {
    app.upstream.script(answer(['cut'], { finishReason: 'length' }));
    const sent = await here.client.send({ content: 'go' });
    const { id } = sent.conversation;
    await bothShow(id, 'go', 'cut');
    app.upstream.script(answer([' and', ' whole']));
    there.client.disconnect();
    await here.client.continue(sent.assistant_message.id);
    await here.sees(
      id,
      ({ content, status }) => content === 'cut and whole' && status === 'completed',
    );
    there.client.connect();
    await bothShow(id, 'go', 'cut and whole');
  });

  it('is asked by REST alike', async () => {
    const { id, question, first } = await turn('rest');
    const { rest } = here.client;
    const edited = await rest.edit(question, { client_id: 'rest-1', content: 'by rest' });
    await bothShow(id, 'by rest', 'echo: by rest');
    await rest.regenerate(edited.assistant_message?.id ?? 0, { client_id: 'rest-2' });
    await bothShow(id, 'by rest', 'echo: by rest');
    const refusal = await rest.continue(first, { client_id: 'rest-3' }).catch((e: unknown) => e);
    expect(refusal).to.include({ code: 'conflict' });
    const selected = await rest.select(first);
    expect(texts(selected.messages)).to.deep.equal(['rest', 'echo: rest']);
    await bothShow(id, 'rest', 'echo: rest');
    expect((await rest.deleteMessage(question)).message_ids).to.deep.equal([question, first]);
    await here.sees(id, ({ content }) => content === 'echo: by rest');
  });
});
