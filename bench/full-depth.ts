import { join } from 'node:path';
import { BenchStory } from './bench-story.ts';
import { type BenchContext, startEngine } from './context.ts';
import { printTable } from './figures.ts';
import { publishedSizes, writeRandomModel } from './random-model.ts';

const chunks = 40;
const frame = { width: 64, height: 64 };

/**
 * Resident memory over 40 chunks of a generator of the published depth (30 layers of 1536, random weights) with small frames and
 * one step: with all pages on the device, and with a budget that a third of them does not fit into.
 */
export async function fullDepth(context: BenchContext): Promise<void> {
  const model = join(context.folder, 'full-depth');
  writeRandomModel(model, publishedSizes(frame.width, frame.height, [1000]));
  const tokens = (frame.width / 16) * (frame.height / 16);
  const frameBytes = 2 * 30 * tokens * 1536 * Float32Array.BYTES_PER_ELEMENT;
  for (const [what, pageBudget] of [
    ['All pages on the device', undefined],
    ['Pages of 16 frames on the device, of 8 in memory', { deviceBytes: 16 * frameBytes, hostBytes: 4 * frameBytes }],
  ] as const) {
    const engine = await startEngine({ ...context, model }, pageBudget ? { pageBudget } : {});
    const rows: string[][] = [];
    const resident: number[] = [];
    try {
      const story = new BenchStory(engine, { memory: { policy: 'nam' } });
      for (let chunk = 1; chunk <= (context.quick ? 8 : chunks); chunk++) {
        await story.render();
        const { residentBytes, pageBytes } = await engine.usage();
        resident.push(residentBytes);
        const megabytes = [residentBytes, pageBytes.device, pageBytes.host, pageBytes.file];
        if (chunk % 4 === 0) rows.push([String(chunk), ...megabytes.map((bytes) => (bytes / 1e6).toFixed(0))]);
      }
    } finally {
      await engine.dispose();
    }
    console.log(`### ${what}\n`);
    printTable(['chunk', 'resident, MB', 'pages on the device', 'in memory', 'in a file'], rows);
    const half = resident.slice(resident.length >> 1);
    const [least, most] = [Math.min(...half), Math.max(...half)];
    console.log(
      `\nIn the second half resident memory lies between ${(least / 1e9).toFixed(2)} and ${(most / 1e9).toFixed(2)} GB.\n`,
    );
  }
}
