import {
  answer,
  type Behaviour,
  rawStream,
  status,
} from '../../../lab/models/scripted-upstream.js';
import {
  DONE,
  finishChunk,
  reasoningChunk,
  roleChunk,
  textChunk,
} from '../../../lab/models/upstream-wire.js';
import type { Account, TestApp } from '../../../lab/nodes/app.js';

/** An answer with everything that the page formats. */
const RICH = `# Rainbows

A **rainbow** is *light* that water [bends](https://example.com/light) at \`42°\`, ~~always~~ mostly[^1].

## What happens

1. Light enters a drop.
2. It is reflected.
   - once for the first bow
   - twice for the second

- [x] sun behind you
- [ ] rain before you

> Nobody stands under the same rainbow.

### A program

\`\`\`ts
// The angle of a colour, in degrees.
export const angle = (index: number): number => 42 - index * 0.3;
\`\`\`

\`\`\`
plain text without a language
\`\`\`

| colour | angle | seen |
| :----- | ----: | :--: |
| red    |  42.4 | yes  |
| violet |  40.5 | yes  |

| bow    | drops reflect |
| ------ | ------------- |
| second | twice         |

Snell's law is $n_1 \\sin\\theta_1 = n_2 \\sin\\theta_2$, and

$$\\theta = \\arcsin\\left(\\frac{n_1}{n_2}\\right)$$

![A rainbow](https://example.com/rainbow.png)

---

[^1]: Seen from an aeroplane it is a circle.
`;

const WITH_REASONING: Behaviour = rawStream(
  roleChunk() +
    reasoningChunk('Drops first, then angles.') +
    textChunk(RICH) +
    finishChunk('stop') +
    DONE,
);

/** Each question begins a conversation, of which it is the title. */
const ASKED: readonly (readonly [question: string, behaviour: Behaviour])[] = [
  ['Everything in one answer', WITH_REASONING],
  ['A failed answer', status(401)],
  ['An answer cut short', answer(['Once upon a'], { finishReason: 'length' })],
  ['An answer that was filtered', answer([], { finishReason: 'content_filter' })],
  ['An archived one', answer(['Kept.'])],
  ['Two versions', answer(['The first one.'])],
];

/** Returns the ids by title. */
export async function seedConversations(
  app: TestApp,
  { token }: Account,
): Promise<ReadonlyMap<string, number>> {
  for (const [message, behaviour] of ASKED) {
    app.upstream.script(behaviour);
    await app.call('/agent/chat', { token, body: { message } });
  }
  const rows = await app.rows<{ id: number; title: string }>('SELECT id, title FROM conversations');
  const byTitle = new Map(rows.map(({ id, title }) => [title, Number(id)]));
  const mark = (title: string, marks: object) =>
    app.call(`/agent/conversations/${byTitle.get(title)}`, { token, method: 'PATCH', body: marks });
  await mark('An archived one', { archived: true });
  await mark('An answer cut short', { pinned: true });
  await seedVersions(app, token, byTitle.get('Two versions') ?? 0);
  return byTitle;
}

/** Two versions of the question, and of the last answer. */
async function seedVersions(app: TestApp, token: string, conversation: number): Promise<void> {
  const last = async (role: string): Promise<number> => {
    const [row] = await app.rows<{ id: number }>(
      'SELECT max(id) AS id FROM messages WHERE conversation_id = $1 AND role = $2',
      [conversation, role],
    );
    return Number(row?.id);
  };
  const ended = (id: number) => app.call(`/agent/messages/${id}/stream`, { token });
  await app.call(`/agent/messages/${await last('user')}/edit`, {
    token,
    body: { content: 'Two versions, please', client_id: crypto.randomUUID() },
  });
  await ended(await last('assistant'));
  await app.call(`/agent/messages/${await last('assistant')}/regenerate`, {
    token,
    body: { client_id: crypto.randomUUID() },
  });
  await ended(await last('assistant'));
}
