import type { ClientEventName } from '../../src/contract/events.js';
import { eventSchemas } from '../../src/validation/schemas.js';
import type { TestApp } from '../nodes/app.js';
import { Described } from './described.js';
import type { Device } from './device.js';

interface Judged {
  app: TestApp;
  /** The values that differ from the references. */
  faults: string[];
}

/** Judges all answers, acks and events that a test gets of its node. */
export async function judged(app: TestApp): Promise<Judged> {
  const references = await Described.read();
  const faults: string[] = [];
  const note = (fault: string | null): void => {
    if (fault !== null && !faults.includes(fault)) faults.push(fault);
  };
  const call: TestApp['call'] = async (path, options = {}) => {
    const answer = await app.call(path, options);
    const method = options.method ?? (options.body === undefined ? 'GET' : 'POST');
    const name = references.nameOf(method, path.replace(/\?.*/, ''));
    const type = answer.headers.get('content-type') ?? '';
    if (name !== null) note(references.answer(name, answer.status, type, answer.body));
    return answer as never;
  };
  const device: TestApp['device'] = async (account) => {
    const opened = await app.device(account);
    judgeDevice(opened, references, note);
    return opened;
  };
  return { app: { ...app, call, device }, faults };
}

function judgeDevice(
  device: Device,
  references: Described,
  note: (fault: string | null) => void,
): void {
  for (const { name, payload } of device.received) note(references.event(name, payload));
  device.socket.onAny((name: string, payload: unknown) => note(references.event(name, payload)));
  const emit = device.emit.bind(device);
  device.emit = async (name: ClientEventName, payload: never) => {
    const ack = await emit(name, payload);
    if (Object.hasOwn(eventSchemas, name)) note(references.ack(name, ack));
    return ack as never;
  };
}
