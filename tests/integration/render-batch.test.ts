import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder, tinyModel } from './engine-story.ts';

const script = fileURLToPath(new URL('../../scripts/render-batch.ts', import.meta.url));
const prompts = ['a red cat walks', 'a blue robot in the city', 'a red cat walks', 'the cat waves', 'the robot jumps'];
const chunk = (prompt: string, policy: string) => ({ prompt, transition: 'cut', seed: 3, memory: { policy } });

it('renders lines, branches and given histories, and makes nothing twice', () => {
  const out = temporaryFolder();
  const frameBytes = 48 * 32 * 3;
  const latents = new Float32Array(2 * 3 * 16 * 4 * 6).fill(0.25);
  writeFileSync(join(out, 'history.latents'), latents);
  const line = prompts.map((prompt) => chunk(prompt, 'nam'));
  const batch = {
    modelFolder: tinyModel,
    out,
    jobs: [
      {
        id: 'story',
        line,
        branches: [
          { id: 'as-the-line', after: 3, chunk: line[3] },
          { id: 'no-memory', after: 3, chunk: chunk(prompts[3] as string, 'window') },
        ],
      },
      { id: 'told', line, given: join(out, 'history.latents') },
      { id: 'decoded', line: line.slice(0, 2), given: join(out, 'history.latents'), decodeOnly: true },
    ],
  };
  writeFileSync(join(out, 'batch.json'), JSON.stringify(batch));
  const run = () =>
    execFileSync(process.execPath, ['--no-warnings', script, join(out, 'batch.json')], {
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: out },
    });
  expect(run().trim().split('\n')).toHaveLength(3);

  const frames = readFileSync(join(out, 'story.rgb'));
  expect(frames.length).toBe((9 + 4 * 12) * frameBytes);
  // The same chunk, made again after going back, is the same; without memory it is another.
  const fourth = frames.subarray((9 + 2 * 12) * frameBytes, (9 + 3 * 12) * frameBytes);
  expect(readFileSync(join(out, 'as-the-line.rgb')).equals(fourth)).toBe(true);
  expect(readFileSync(join(out, 'no-memory.rgb')).equals(fourth)).toBe(false);
  // Two chunks were given, the last three made.
  expect(statSync(join(out, 'told.rgb')).size).toBe(3 * 12 * frameBytes);
  expect(statSync(join(out, 'decoded.rgb')).size).toBe((9 + 12) * frameBytes);
  const records = JSON.parse(readFileSync(join(out, 'told.json'), 'utf8')) as {
    record: { candidates: number[]; sink: number[]; window: number[]; bank: number[][] };
    contextTokens: number;
    stateBytes: number;
  }[];
  expect(records.map(({ record }) => record.candidates)).toEqual([[3], [3, 6], [3, 6, 9]]);
  const tokens = 2 * 3; // of a frame of the tiny model
  for (const { record, contextTokens, stateBytes } of records) {
    const { sink, window, bank } = record;
    expect(contextTokens).toBe((sink.length + window.length + (bank[0]?.length ?? 0)) * tokens);
    expect(stateBytes).toBeGreaterThan(0);
  }

  expect(run()).toBe('');
}, 120_000);
