import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../../..');
const named = ['onnxruntime-node', 'better-sqlite3', '@napi-rs/webcodecs', '@napi-rs/canvas'];

/** What the About box lists: ours first. */
export function versions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const ofPackage = (file: string): string => {
    try {
      return String(JSON.parse(readFileSync(file, 'utf8')).version);
    } catch {
      return 'unknown';
    }
  };
  const found = named.flatMap((name): [string, string][] => {
    // Not every package lets its package.json be resolved; all of them have it in their folder.
    const folder = require.resolve.paths(name)?.map((modules) => join(modules, name, 'package.json')) ?? [];
    const version = folder.map(ofPackage).find((candidate) => candidate !== 'unknown');
    return version === undefined ? [] : [[name, version]];
  });
  return Object.fromEntries([
    ['Throughline', ofPackage(join(root, 'package.json'))],
    ['Node', process.versions.node],
    ...found,
  ]);
}
