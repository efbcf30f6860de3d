import type { Person } from '../person.js';
import type { Scene, Size } from './scene.js';

/** Something that the page shows, and the way there. */
export interface State {
  name: string;
  /** On these screens; by default on all. */
  on?: Size;
  /** In front of which page it is. */
  who: 'member' | 'guest' | 'traveller';
  /** Begins with nothing open, at any address. Resolves when the page shows the state, in English. */
  show(scene: Scene): Promise<void>;
  /** Takes back what remains after everything is closed, such as a toast or an answer that runs. */
  leave?(scene: Scene): Promise<void>;
}

/** Whose page shows the state, once it is shown. */
export function personOf({ name, who }: State, scene: Scene): Person {
  const person = scene[who];
  if (person === null) throw new Error(`Nobody shows “${name}” yet`);
  return person;
}
