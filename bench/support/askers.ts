import type { Device } from '../../lab/people/device.js';

/** Milliseconds that readers waited. */
export interface Sample {
  /** Times from `message:send` to the first delta. */
  starts: number[];
  /** Times between two deltas. */
  gaps: number[];
}

/**
 * One question, with the time of each piece of its answer. Finished conversations are removed, so that they do not
 * slow down the next.
 */
async function ask(device: Device, clientId: string, sample: Sample): Promise<void> {
  const asked = performance.now();
  const times: number[] = [];
  const note = () => times.push(performance.now());
  device.socket.on('message:delta', note);
  const sent = await device.ask('message:send', { client_id: clientId, content: 'q' });
  await device.ended(sent.assistant_message.id);
  device.socket.off('message:delta', note);
  await device.ask('conversation:close', { conversation_id: sent.conversation.id });
  device.received.length = 0;
  sample.starts.push((times[0] ?? Number.NaN) - asked);
  for (const [i, time] of times.slice(1).entries()) sample.gaps.push(time - (times[i] ?? time));
}

/** Each device asks this many questions, one after another. */
export async function askAll(devices: Device[], round: string, times: number): Promise<Sample> {
  const sample: Sample = { starts: [], gaps: [] };
  const user = async (device: Device, n: number) => {
    for (let i = 0; i < times; i++) await ask(device, `${round}-${n}-${i}`, sample);
  };
  await Promise.all(devices.map(user));
  return sample;
}
