import type { Person } from '../person.js';
import type { Scene, Size } from './scene.js';

/** Something that the page shows, and the way there. */
export interface State {
  name: string;
  /** The screens that have this state; by default all. */
  on?: Size;
  /** The person whose page shows the state. */
  who: 'member' | 'guest' | 'traveller';
  /** Begins with nothing open, at any address. Resolves when the page shows the state, in English. */
  show(scene: Scene): Promise<void>;
  /** Takes back what remains after everything is closed, such as a toast or an answer that runs. */
  leave?(scene: Scene): Promise<void>;
}

/** Returns the person whose page shows the state. */
export function personOf({ name, who }: State, scene: Scene): Person {
  const person = scene[who];
  if (person === null) throw new Error(`Nobody shows “${name}” yet`);
  return person;
}
