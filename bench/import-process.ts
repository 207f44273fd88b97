// Imports one file of weights and prints how long that took and the most memory that was resident; see import.ts.
import { openCheckpoint } from '../src/main/engine/checkpoints/containers/index.ts';
import { familyOf } from '../src/main/engine/checkpoints/families.ts';
import { plainMatMul } from '../src/main/engine/checkpoints/lora.ts';
import { chooseRoot } from '../src/main/engine/checkpoints/names.ts';
import { planPart } from '../src/main/engine/checkpoints/plan-part.ts';
import { writeWeights } from '../src/main/engine/checkpoints/writing/weights-writer.ts';

const [source, target, bits] = process.argv.slice(2) as [string, string, string | undefined];
const startedAt = performance.now();
const checkpoint = openCheckpoint(source);
const family = familyOf(checkpoint.name, chooseRoot(checkpoint.name, checkpoint.entries).tensors);
const tensors = await planPart(checkpoint, family, {
  ema: true,
  lora: new Map(),
  multiply: plainMatMul,
  bits: bits === '4' ? 4 : null,
});
await writeWeights(target, tensors);
checkpoint.dispose();
const elapsedSec = (performance.now() - startedAt) / 1000;
console.log(JSON.stringify({ elapsedSec, peakBytes: process.resourceUsage().maxRSS * 1024 }));
