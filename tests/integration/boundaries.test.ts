import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Names of the rules that a little tree of sources breaks. */
function broken(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-boundaries-'));
  folders.push(folder);
  for (const [path, text] of Object.entries({
    'package.json': '{"dependencies":{"onnxruntime-node":"*"}}',
    ...files,
  })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [program, '--config', join(root, '.dependency-cruiser.mjs'), '--output-type', 'json', 'src'];
  const run = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  const report = JSON.parse(run.stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return report.summary.violations.map((violation) => violation.rule.name);
}

const a = 'export const a = 1;\n';

test('an allowed import passes', () => {
  expect(broken({ 'src/shared/a.ts': a, 'src/main/export/b.ts': "export { a } from '../../shared/a.ts';\n" })).toEqual(
    [],
  );
});

test('shared may not import main, not even a type', () => {
  expect(
    broken({
      'src/main/studio/a.ts': 'export type A = number;\n',
      'src/shared/b.ts': "import type { A } from '../main/studio/a.ts';\nexport type B = A;\n",
    }),
  ).toEqual(['shared']);
});

test('the memory kernels may not import the runtime', () => {
  expect(
    broken({
      'src/main/engine/runtime/a.ts': a,
      'src/main/engine/memory/b.ts': "export { a } from '../runtime/a.ts';\n",
    }),
  ).toEqual(['memory']);
});

test('studio reaches the engine only through its client', () => {
  const files = { 'src/main/engine/pipeline/a.ts': a, 'src/main/engine/client.ts': a };
  expect(broken({ ...files, 'src/main/studio/b.ts': "export { a } from '../engine/client.ts';\n" })).toEqual([]);
  expect(broken({ ...files, 'src/main/studio/b.ts': "export { a } from '../engine/pipeline/a.ts';\n" })).toEqual([
    'studio',
  ]);
});

test('onnxruntime has one importer', () => {
  const text = "import * as ort from 'onnxruntime-node';\nexport const x = ort;\n";
  expect(broken({ 'src/main/engine/runtime/a.ts': text })).toEqual([]);
  expect(broken({ 'src/main/engine/pipeline/a.ts': text })).toEqual(['only-keeper-imports-onnxruntime-node']);
});

test('no cycles', () => {
  const rules = broken({
    'src/shared/a.ts': "export { b } from './b.ts';\n",
    'src/shared/b.ts': "export { a as b } from './a.ts';\n",
  });
  expect(new Set(rules)).toEqual(new Set(['no-cycles']));
});
