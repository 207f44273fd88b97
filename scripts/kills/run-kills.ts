import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { verifyFilm } from '../../src/main/export/index.ts';
import { tinyModel } from '../../tests/integration/studio-options.ts';
import { Random } from '../fuzz/random.ts';
import { Acknowledged, findLosses } from './check.ts';
import type { VictimFact } from './victim.ts';

/** Kills of one folder; then another is begun, so that what lies there does not grow for ever. */
const killsAFolder = 10;
/** The longest that a victim lives after it has begun, in milliseconds. */
const longestLifeMs = 5000;
/** One that is asked to end well may take so long, in milliseconds; a machine that does other things as well is slow. */
const longestEndMs = 120_000;

export type Killed = 'host' | 'engine' | 'command line';

export interface KillsReport {
  readonly kills: Readonly<Record<Killed, number>>;
  /** Things that were acknowledged before the kills: saved edits, chunks, copies, films. */
  readonly acknowledged: number;
  /** What was lost or half, each in words; empty if all is well. */
  readonly losses: readonly string[];
}

/**
 * Kills hosts, engines and command lines (`kill -9`) at random moments of what they do, and looks each time whether what
 * was acknowledged is there and nothing is half.
 */
export async function runKills({
  count,
  seed,
  onKill = () => {},
}: {
  readonly count: number;
  readonly seed: number;
  readonly onKill?: (done: number, what: Killed, losses: readonly string[]) => void;
}): Promise<KillsReport> {
  const random = new Random(seed);
  const kills = { host: 0, engine: 0, 'command line': 0 };
  const losses: string[] = [];
  let acknowledged = 0;
  let folder = '';
  let known = new Acknowledged();
  try {
    for (let i = 0; i < count; i++) {
      if (i % killsAFolder === 0) {
        if (folder) rmSync(folder, { recursive: true, force: true });
        folder = mkdtempSync(join(tmpdir(), 'throughline-kills-'));
        known = new Acknowledged();
      }
      const what: Killed = (['host', 'host', 'engine', 'host', 'command line'] as const)[i % 5] as Killed;
      const lifeMs = random.below(longestLifeMs);
      let found: string[];
      if (what === 'command line') {
        found = await killCommandLine(folder, lifeMs);
      } else {
        acknowledged += await live(folder, known, { seed: random.below(1e9), lifeMs, what });
        found = await findLosses(folder, known);
        if (found.length > 0) found[0] += `; said last: ${JSON.stringify(known.newest)}`;
      }
      kills[what]++;
      losses.push(...found.map((loss) => `kill ${i + 1} (${what}): ${loss}`));
      onKill(i + 1, what, found);
    }
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
  return { kills, acknowledged, losses };
}

/** One life of a studio. @returns how much it acknowledged */
async function live(
  folder: string,
  known: Acknowledged,
  { seed, lifeMs, what }: { readonly seed: number; readonly lifeMs: number; readonly what: 'host' | 'engine' },
): Promise<number> {
  const args = [folder, String(seed), ...(what === 'engine' ? [String(lifeMs)] : [])];
  const child = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'victim.ts'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let heard = 0;
  const ready = Promise.withResolvers<void>();
  const read = (async () => {
    let text = '';
    for await (const data of child.stdout) {
      text += data;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const fact = JSON.parse(line) as VictimFact;
        if (fact.fact === 'ready') ready.resolve();
        else heard++;
        known.hear(fact);
      }
    }
  })();
  try {
    await Promise.race([ready.promise, ended]);
    if (what === 'host') {
      await delay(lifeMs);
      child.kill('SIGKILL');
    } else {
      // Its engine is killed meanwhile; then it is asked to end as a person ends it.
      await delay(lifeMs + 500);
      child.stdin.write('end\n');
      const patience = setTimeout(() => {
        known.wrong.push('it did not end when it was asked to');
        child.kill('SIGKILL');
      }, longestEndMs);
      const code = await ended;
      clearTimeout(patience);
      if (code !== 0) known.wrong.push(`it ended with ${code}`);
    }
    await ended;
    await read;
  } finally {
    child.kill('SIGKILL');
  }
  return heard;
}

/** Renders a story, killed on the way: no film, or a whole one; and the same command ends well. */
async function killCommandLine(folder: string, lifeMs: number): Promise<string[]> {
  const at = (...names: string[]) => join(folder, 'line', ...names);
  mkdirSync(at(), { recursive: true });
  writeFileSync(at('story.txt'), 'a red cat in the meadow\n\na blue robot in the city\n');
  const film = at(`film ${lifeMs}.mp4`);
  const losses: string[] = [];
  const whole = async (what: string): Promise<void> => {
    if (existsSync(film)) await verifyFilm(film).catch((error) => losses.push(`${film} ${what}: ${error.message}`));
  };
  const first = render(at('cache'), at('story.txt'), film);
  await Promise.race([delay(lifeMs), first.ended]);
  first.child.kill('SIGKILL');
  await first.ended;
  await whole('is half');
  const second = render(at('cache'), at('story.txt'), film);
  const code = await second.ended;
  if (code !== 0 && !existsSync(film)) losses.push(`the same command ended with ${code}: ${second.output()}`);
  await whole('is half after the second run');
  if (!existsSync(film)) losses.push(`${film} is missing after the second run`);
  return losses;
}

function render(cache: string, story: string, film: string) {
  const program = join(import.meta.dirname, '../../src/main/cli.ts');
  const args = ['render', story, '--out', film, '--model', tinyModel, '--cache', cache, '--height', '64'];
  const child: ChildProcess = spawn(process.execPath, ['--no-warnings', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, ended, output: () => output };
}
