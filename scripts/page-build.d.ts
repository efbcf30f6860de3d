import type { BuildOptions } from 'esbuild';

export function pageOptions(root: string, directory: string, dev?: boolean): BuildOptions;
