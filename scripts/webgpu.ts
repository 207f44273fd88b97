// Runs every folder of recorded outputs on the graphics device, each in a process of its own, with no node on the CPU; whole
// models also with products in halves.
//   npm run webgpu [-- tests/fixtures/mag-dense ...]
// Without a graphics card, name a software driver: VK_ICD_FILENAMES=/usr/share/vulkan/icd.d/lvp_icd.json (Mesa's lavapipe, 25 or
// later; see docs/model-format.md for what is recorded). Exit status 0 if every folder held, 1 if one did not.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const fixtures = join(import.meta.dirname, '../tests/fixtures');
const named = process.argv.slice(2);
const folders =
  named.length > 0
    ? named
    : readdirSync(fixtures)
        .map((name) => join(fixtures, name))
        .filter((folder) => existsSync(join(folder, 'tensors.safetensors')));

const isModel = (folder: string): boolean => existsSync(join(folder, 'dit.safetensors'));
const runs = [
  ...folders.map((folder) => ({ folder, precision: 'fp32' })),
  ...folders.filter(isModel).map((folder) => ({ folder, precision: 'fp16' })),
];

let held = true;
for (const { folder, precision } of runs) {
  const startedAt = performance.now();
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'parity.ts'), folder, '--device', 'webgpu', '--precision', precision],
    { encoding: 'utf8' },
  );
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(stdout);
  console.log(`        ${precision}, ${seconds} s`);
  if (status === 0) continue;
  held = false;
  console.error(signal === null ? stderr : `the process ended by ${signal}\n${stderr}`);
}
process.exit(held ? 0 : 1);
