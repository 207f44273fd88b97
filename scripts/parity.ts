// Runs the engine against a folder of recorded outputs (tests/fixtures/README.md) and prints how far they are apart.
//   npm run parity -- tests/fixtures/memflow-released-dense [more folders] [--device webgpu] [--precision fp16] [--chunks 8]
// Exit status 0 if every folder held, 1 if one did not, 2 if it could not be run.
import { parseArgs } from 'node:util';
import { checkParity } from '../src/main/engine/parity/check-parity.ts';
import { ThroughlineError } from '../src/shared/errors.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    device: { type: 'string', default: 'cpu' },
    precision: { type: 'string', default: 'fp32' },
    chunks: { type: 'string', default: 'Infinity' },
  },
});
const { device, precision } = values;
const chunks = Number(values.chunks);
if (positionals.length === 0)
  cannotRun('Name at least one folder: npm run parity -- tests/fixtures/memflow-released-dense');
if (device !== 'cpu' && device !== 'webgpu') cannotRun(`--device ${device}: it is cpu or webgpu.`);
if (precision !== 'fp32' && precision !== 'fp16') cannotRun(`--precision ${precision}: it is fp32 or fp16.`);
if (!(chunks >= 1)) cannotRun(`--chunks ${values.chunks}: it is a number of chunks, 1 or more.`);

let held = true;
for (const folder of positionals) {
  const report = await checkParity(folder, device, chunks, precision).catch((error: unknown) => {
    if (error instanceof ThroughlineError) cannotRun(`${error.message}\n${error.hint}`);
    throw error;
  });
  held &&= report.held;
  console.log(`${report.held ? 'held  ' : 'FAILED'}  ${folder}`);
  for (const line of report.lines) console.log(`        ${line}`);
}
process.exit(held ? 0 : 1);

function cannotRun(why: string): never {
  console.error(why);
  process.exit(2);
}
