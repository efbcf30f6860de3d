/**
 * Takes screenshots of every state of the pages, on both screens, in both themes and languages, and puts them into
 * contact sheets: `npm run screenshots -- [DIR] [--only WORDS] [--forced-colors]`.
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stopSharedHasher } from '../lab/nodes/shared-hasher.js';
import { stopTestPostgres } from '../lab/stores/database.js';
import { statesOf } from '../test/browser/states/index.js';
import { LOOKS, wear } from '../test/browser/states/looks.js';
import {
  clear,
  openScene,
  openStage,
  type Scene,
  SIZES,
  type Size,
} from '../test/browser/states/scene.js';
import { personOf, type State } from '../test/browser/states/state.js';
import { buildStale } from './build.js';
import { type Shot, writeSheets } from './contact-sheet.js';
import { ensureServices } from './services.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    'forced-colors': { type: 'boolean', default: false },
  },
});

/** How wide a shot is on its sheet. */
const WIDTHS: Readonly<Record<Size, number>> = { desktop: 592, phone: 231 };

const [given] = positionals;
const dir = given === undefined ? await mkdtemp(join(tmpdir(), 'parley-shots-')) : resolve(given);
await mkdir(dir, { recursive: true });

/** The last look is English in the light, so that the state is left as it was shown. */
async function shoot(scene: Scene, state: State): Promise<Shot[]> {
  const shots: Shot[] = [];
  await state.show(scene);
  const { page } = personOf(state, scene);
  for (const look of [...LOOKS].reverse()) {
    await wear(page, look);
    const sheet = `${scene.size}-${look.language}-${look.theme}`;
    const file = `${sheet}-${state.name.replace(/\W+/g, '-')}.png`;
    await page.screenshot({ path: join(dir, file) });
    shots.push({ sheet, state: state.name, file, width: WIDTHS[scene.size] });
  }
  await clear(scene);
  await state.leave?.(scene);
  return shots;
}

await ensureServices();
await buildStale();
const stage = await openStage();
try {
  const shots: Shot[] = [];
  const more = values['forced-colors'] ? { forcedColors: 'active' as const } : {};
  for (const size of Object.keys(SIZES) as Size[]) {
    const scene = await openScene(stage, size, more);
    const wanted = statesOf(size).filter(({ name }) => name.includes(values.only));
    for (const state of wanted) shots.push(...(await shoot(scene, state)));
    await Promise.all([scene.member.leave(), scene.guest.leave()]);
  }
  await writeSheets(stage.browser, dir, shots);
  console.log(`${shots.length} screenshots; the contact sheets: ${join(dir, 'index.html')}`);
} finally {
  await stage.close();
  await Promise.all([stopTestPostgres(), stopSharedHasher()]);
}
