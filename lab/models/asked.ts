import { eventually } from '../eventually.js';
import type { Cluster } from '../nodes/cluster.js';
import type { Device } from '../people/device.js';

/** A question that was asked, and the place of its answer. */
export interface Asked {
  title: string;
  id: number;
  conversationId: number;
}

/** Asks in a new conversation. The node that the device is connected to writes the answer. */
export async function ask(device: Device, title: string): Promise<Asked> {
  const sent = await device.ask('message:send', { client_id: title, content: title });
  return { title, id: sent.assistant_message.id, conversationId: sent.conversation.id };
}

/** The answers as stored in Postgres. */
export const stored = (cluster: Cluster, asked: readonly Asked[]) =>
  cluster.rows(
    'SELECT id::int, status, attempt, content FROM messages WHERE id = ANY($1) ORDER BY id',
    [asked.map(({ id }) => id)],
  );

/** The result of `stored` once each answer was completed by this attempt, with the text for its title. */
export const completed = (
  asked: readonly Asked[],
  attempt: number,
  textOf: (title: string) => string,
) =>
  asked
    .map(({ id, title }) => ({ id, status: 'completed', attempt, content: textOf(title) }))
    .sort((a, b) => a.id - b.id);

/** Resolves when no answer is unfinished or unannounced. */
export async function nothingLeft(cluster: Cluster): Promise<void> {
  const look = () => cluster.rows('SELECT id::int, state, attempt FROM generations');
  await eventually(look, (rows) => rows.length === 0);
}
