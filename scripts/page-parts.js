import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const START = 'src/web/start.tsx';
const CHAT = 'src/web/chat-part.ts';
/** Parts that share code with the page's first view. The others, as languages of code, share none. */
const SHARING = /\/src\/web\/(?:components\/.*|chat-part|markdown\/formatting)\.tsx?$/;

/**
 * Keeps the files few. A bundler gives code that some parts share a file of its own for each set of parts, most of them
 * smaller than the headers they come with. Here each part names all of the start, and of the chat, so these are one
 * file each.
 */
export const fewFiles = (root) => ({
  name: 'few-files',
  setup({ onResolve, onLoad, resolve }) {
    const parts = new Set();
    onResolve({ filter: /^\.{1,2}\// }, async ({ kind, path, pluginData, ...from }) => {
      if (kind !== 'dynamic-import' || pluginData === parts) return;
      const found = await resolve(path, { ...from, kind, pluginData: parts });
      if (SHARING.test(found.path)) parts.add(found.path);
      return found;
    });
    onLoad({ filter: SHARING }, async ({ path }) => {
      if (!parts.has(path)) return;
      const shared = path.endsWith(CHAT) ? [START] : [START, CHAT];
      const imports = shared.map((name) => `import ${JSON.stringify(join(root, name))};\n`);
      const loader = path.endsWith('x') ? 'tsx' : 'ts';
      return { contents: imports.join('') + (await readFile(path, 'utf8')), loader };
    });
  },
});
