/**
 * A studio in a process of its own that does what people do, at random, until it is killed:
 *
 *   node scripts/kills/victim.ts <folder> <seed> [ms until its own engine is killed]
 *
 * Every line that it prints is a fact, as JSON, said only after the studio has said it: {@link VictimFact}.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineClient } from '../../src/main/engine/client.ts';
import { type EngineChild, forkEngine } from '../../src/main/engine/engine-child.ts';
import { Studio } from '../../src/main/studio/studio.ts';
import { newShot, studioOptions } from '../../tests/integration/studio-options.ts';
import { Random } from '../fuzz/random.ts';

export type VictimFact =
  /** It begins to do things. */
  | { readonly fact: 'ready' }
  /** The save indicator said saved: the title holds the number of the edit. */
  | { readonly fact: 'saved'; readonly file: string; readonly edit: number }
  | { readonly fact: 'chunk'; readonly file: string; readonly key: string }
  /** Chunks of this file may go from now on. */
  | { readonly fact: 'cleaning'; readonly file: string }
  /** These are there after a clean-up. */
  | { readonly fact: 'kept'; readonly file: string; readonly keys: readonly string[] }
  | { readonly fact: 'copied'; readonly file: string }
  | { readonly fact: 'film'; readonly file: string }
  /** Something was refused or failed that should not have been. */
  | { readonly fact: 'wrong'; readonly what: string };

const [folder = '', seed = '1', engineDiesMs] = process.argv.slice(2);
const random = new Random(Number(seed));
const say = (fact: VictimFact): void => void process.stdout.write(`${JSON.stringify(fact)}\n`);
const pick = <T>(list: readonly T[]): T => list[random.below(list.length)] as T;

let engine: EngineChild | null = null;
const studio = new Studio({
  ...studioOptions(folder),
  startEngine: (options) =>
    EngineClient.start({
      ...{ ...options, threads: 1 },
      spawn: (entry) => {
        engine = forkEngine(entry);
        return engine;
      },
    }),
});
const { projects, exports } = studio;
const current = () => studio.workspace;

function editOf(title: string): number {
  return Number(/^edit (\d+)$/.exec(title)?.[1] ?? 0);
}

async function follow(): Promise<void> {
  // As the events say it, in their order: another project may be open by the time one is heard.
  let file: string | undefined;
  for await (const event of studio.events()) {
    if (event.type === 'project') file = event.project?.file;
    if (event.type === 'project' && event.project?.save.state === 'saved') {
      const { document } = event.project;
      say({ fact: 'saved', file: event.project.file, edit: editOf(document.title) });
    }
    if (event.type === 'chunks' && file) for (const { key } of event.added) say({ fact: 'chunk', file, key });
    if (event.type === 'export' && event.export.state === 'done')
      for (const film of event.export.files) say({ fact: 'film', file: film });
    // The clean-up here takes what is shown as well; a film that loses chunks to it says so, as it should.
    if (
      event.type === 'export' &&
      event.export.state === 'failed' &&
      !/cleaned up/.test(event.export.error?.message ?? '')
    )
      say({ fact: 'wrong', what: `export: ${event.export.error?.message}` });
    if (event.type === 'queue')
      for (const { error } of event.queue.jobs) if (error) say({ fact: 'wrong', what: `job: ${error.message}` });
  }
}

let made = readdirSync(folder).length + Number(seed);
const place = (name: string): string => join(folder, 'projects', `${name} ${made++}.throughline`);

/** With how often each is done: another file means another engine, which takes its time. */
const weighed: readonly (readonly [number, () => Promise<void>])[] = [
  [12, edit],
  [
    6,
    async () => {
      const { project, queue } = current();
      const parent = pick([null, ...project.document.shots.map(({ id }) => id)]);
      if (project.document.shots.length < 6) {
        const shot = newShot(pick(['a red cat', 'a blue robot']), 1 + random.below(2), { seed: random.below(1000) });
        project.apply([{ type: 'add-shot', parent, shot }], null);
      }
      const shots = project.document.shots.map(({ id }) => id);
      const making = queue.generate([pick(shots)]).catch(expected);
      if (random.below(2) === 0) await making;
    },
  ],
  [
    1,
    async () => {
      const path = place('copy');
      await projects.saveAs(current().project, path);
      say({ fact: 'copied', file: path });
    },
  ],
  [
    1,
    async () => {
      const files = readdirSync(join(folder, 'projects')).filter((name) => name.endsWith('.throughline'));
      if (files.length > 3) await projects.openFile(join(folder, 'projects', pick(files)));
      else await projects.create(place('new'), 'edit 0');
    },
  ],
  [
    4,
    async () => {
      const { project } = current();
      const leaf = project.document.shots.at(-1);
      if (!leaf || project.chunks.size === 0) return;
      const where = {
        file: join(folder, 'films', `film ${made++}.mp4`),
        mayReplace: false,
        folder: join(folder, 'films'),
      };
      const wish = { format: 'mp4', fps: null, range: null, options: { height: 64 } };
      await exports.start(project, { kind: 'shot', id: leaf.id }, where, wish).catch(expected);
    },
  ],
  [
    1,
    async () => {
      const { project } = current();
      // What is made while the engine dies is not sorted out here: nothing is asked of it.
      const keep = new Set([...project.chunks.keys()].filter(() => random.below(3) > 0));
      say({ fact: 'cleaning', file: project.file });
      await current().queue.interrupt(async () => {
        await project.made.deleteUnused(keep);
      });
      say({ fact: 'kept', file: project.file, keys: [...project.chunks.keys()].filter((key) => keep.has(key)) });
    },
  ],
];
const actions = weighed.flatMap(([times, action]) => Array.from({ length: times }, () => action));

async function edit(): Promise<void> {
  const { project } = current();
  const next = editOf(project.document.title) + 1;
  project.apply([{ type: 'edit-project', title: `edit ${next}` }], null);
}

/** What people run into, and are told. */
function expected(error: unknown): void {
  const code = (error as { code?: string }).code ?? '';
  if (!['bad-input', 'other-project', 'cancelled', 'engine-died', 'export-failed'].includes(code))
    say({ fact: 'wrong', what: String(error) });
}

process.on('unhandledRejection', (error) => say({ fact: 'wrong', what: `nobody handles: ${error}` }));
const files = readdirSync(folder).includes('projects')
  ? readdirSync(join(folder, 'projects')).filter((name) => name.endsWith('.throughline'))
  : [];
try {
  if (files.length > 0) await projects.openFile(join(folder, 'projects', pick(files)));
  else await projects.create(place('new'), 'edit 0');
} catch (error) {
  say({ fact: 'wrong', what: `opening: ${(error as Error).message}` });
  process.exit(1);
}
void follow();
void current().queue.resume();
say({ fact: 'ready' });
if (engineDiesMs !== undefined) setTimeout(() => engine?.kill(), Number(engineDiesMs));
let asked = false;
process.stdin.on('data', () => {
  asked = true;
});
while (!asked) {
  try {
    await pick(actions)();
  } catch (error) {
    expected(error);
  }
  await delay(random.below(60));
}
await studio.dispose();
process.exit(0);
