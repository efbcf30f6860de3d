import { registerAt } from '../lab/people/rest.js';
import { Book } from './book.js';
import type { Finding } from './finding.js';
import { clock, Journal } from './journal.js';
import { drawUp, type Ledger } from './ledger.js';
import { type Model, startModel } from './model.js';
import { Person } from './person.js';
import { Random } from './random.js';
import { RawPhone } from './raw-phone.js';
import type { Critic } from './screen.js';
import { SdkPhone } from './sdk-phone.js';
import { openStage, type Stage } from './stage.js';
import { keepPlaces, readStored } from './stored.js';

export interface SceneOptions {
  seed: number;
  users: number;
  say(line: string): void;
}

/** Everything that takes part in one soak. */
export interface Scene {
  journal: Journal;
  book: Book;
  model: Model;
  stage: Stage;
  people: readonly Person[];
  /** Nodes that ended without being told to, or not as they should. */
  badExits: string[];
  look(): Promise<Ledger>;
  close(): Promise<void>;
}

interface Props {
  stage: Stage;
  book: Book;
  critic: Critic;
}

/** Two or three devices. The first one uses the SDK. */
async function createPerson({ stage, book, critic }: Props, random: Random, name: string) {
  const { token } = await registerAt(stage.url, name);
  const urls = [...stage.nodes.map(({ url }) => url), stage.url];
  const raw = (suffix: string) => {
    const options = { name: `${name}-${suffix}`, urls, token, book, critic };
    return new RawPhone({ ...options, random: random.fork(suffix) });
  };
  const sdk = (suffix: string) => new SdkPhone(`${name}-${suffix}`, stage.url, token, book);
  const second = random.chance(0.5) ? sdk('tab') : raw('old');
  const phones = [sdk('page'), second, ...(random.chance(0.5) ? [raw('app')] : [])];
  return new Person({ name, phones, book, random: random.fork('acts') });
}

async function createPeople(props: Props, random: Random, users: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let i = 1; i <= users; i += 1) {
    const name = `u${String(i).padStart(2, '0')}`;
    people.push(await createPerson(props, random.fork(name), name));
  }
  return people;
}

function createCritic(journal: Journal, disorder: Finding[]): Critic {
  const complain = (answerId: number, said: string) => {
    const what = `${clock(journal.now)} ${said}`;
    disorder.push({ bad: 'disorder', key: null, answerId, what });
  };
  return { complain, count: (name) => journal.count(name) };
}

function watchExits(journal: Journal) {
  const badExits: string[] = [];
  const onBadExit = (node: string, { code, signal }: { code: unknown; signal: unknown }) => {
    const what = `${node} ended with ${code ?? signal}, which it should not`;
    badExits.push(`${clock(journal.now)} ${what}`);
    journal.note(what);
  };
  return { badExits, onBadExit };
}

export async function openScene({ seed, users, say }: SceneOptions): Promise<Scene> {
  const random = new Random(String(seed));
  const journal = new Journal(say);
  const book = new Book(() => journal.now);
  const { badExits, onBadExit } = watchExits(journal);
  const model = await startModel(random.fork('model'), () => journal.now);
  const stage = await openStage(model.url, { onBadExit });
  const disorder: Finding[] = [];
  const props = { stage, book, critic: createCritic(journal, disorder) };
  const arrive = () => createPeople(props, random, users);
  const people = await keepPlaces(stage)
    .then(arrive)
    .catch(async (error: unknown) => {
      await stage.close();
      throw error;
    });
  const look = async () => {
    const views = people.flatMap(({ phones }) => phones.flatMap((phone) => phone.views()));
    const { asks, stops } = book;
    const stored = await readStored(stage);
    return drawUp({ asks, stops, ...stored, calls: model.calls, views, disorder });
  };
  const close = async () => {
    for (const person of people) person.close();
    await stage.close();
    await model.stop();
  };
  return { journal, book, model, stage, people, badExits, look, close };
}
