import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';

/** A screenshot of one state. The file is in the directory of the sheets. */
export interface Shot {
  /** The sheet it belongs to, which is also that sheet's file name. */
  sheet: string;
  state: string;
  file: string;
  /** Width in pixels of the sheet. */
  width: number;
}

const STYLE = `
  body { margin: 0; background: #8a8a8a; font: 14px/1.3 system-ui, sans-serif; }
  section { width: 2480px; padding: 20px; box-sizing: border-box; }
  h2 { margin: 0 0 16px; }
  div { display: flex; flex-wrap: wrap; gap: 16px; align-items: start; }
  figure { margin: 0; }
  figcaption { height: 2.6em; overflow: hidden; }
  img { display: block; width: 100%; }
`;

const figure = ({ state, file, width }: Shot): string =>
  `<figure style="width:${width}px"><figcaption>${state}</figcaption>` +
  `<a href="${encodeURI(file)}"><img src="${encodeURI(file)}" alt=""></a></figure>`;

const section = (sheet: string, shots: readonly Shot[]): string =>
  `<section id="${sheet}"><h2>${sheet}</h2><div>${shots.map(figure).join('')}</div></section>`;

const documentOf = (bySheet: ReadonlyMap<string, Shot[]>): string =>
  `<!doctype html><meta charset="utf-8"><title>Contact sheet</title><style>${STYLE}</style>` +
  [...bySheet].map(([sheet, shots]) => section(sheet, shots)).join('\n');

/** Writes `index.html`, where each shot leads to its file, and one PNG for each sheet. */
export async function writeSheets(
  browser: Browser,
  dir: string,
  shots: readonly Shot[],
): Promise<void> {
  const bySheet = new Map<string, Shot[]>();
  for (const shot of shots) bySheet.set(shot.sheet, [...(bySheet.get(shot.sheet) ?? []), shot]);
  const index = join(dir, 'index.html');
  await writeFile(index, documentOf(bySheet));
  const page = await browser.newPage({ viewport: { width: 2480, height: 1000 } });
  await page.goto(pathToFileURL(index).href);
  for (const sheet of bySheet.keys())
    await page.locator(`[id="${sheet}"]`).screenshot({ path: join(dir, `${sheet}.png`) });
  await page.close();
}
