import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EngineWorker, type RunWorker } from '../../src/main/farm/index.ts';
import { makeWanted } from '../../src/main/studio/generation/make-wanted.ts';
import { missingChunks } from '../../src/main/studio/generation/missing-chunks.ts';
import { workHere } from '../../src/main/studio/generation/workplace.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

/** A window with a story of a shot and two branches from its end, and the ids of the branches. */
async function story(name: string) {
  const window = new TestWindow(studioOptions(join(testFolder(), name)));
  await window.api.projects.create({ title: name });
  const root = await window.add(null, 'a cat in the meadow', 2, { id: 'root-shot', seed: 1 });
  const branches = [
    await window.add(root, 'a cat in the city', 2, { id: 'shot-one', seed: 2 }),
    await window.add(root, 'a robot in the city', 1, { id: 'shot-two', seed: 3 }),
  ];
  return { window, branches };
}

const pictures = async ({ studio, chunks }: TestWindow): Promise<[string, string | undefined, Buffer][]> => {
  const { store } = studio.workspace.project;
  const all: [string, string | undefined, Buffer][] = [];
  for (const key of [...chunks.keys()].sort()) {
    const strip = (await store.media(key, 'strip.webp')) ?? new Uint8Array();
    all.push([key, (await store.chunk(key))?.latentsDigest, Buffer.from(strip)]);
  }
  return all;
};

test('runs of a worker that hands over no pictures give the same chunks, pictures and takes as this machine', async () => {
  const here = await story('here');
  await here.window.generate(...here.branches);

  const { window, branches } = await story('elsewhere');
  const { keeper, workspace } = window.studio;
  const { project } = workspace;
  const model = await keeper.ready();
  await project.prepare(model);
  const own = workHere(keeper, model);
  const runs: number[] = [];
  const worker: RunWorker = {
    atOnce: 4,
    makeRun: (run, call) => {
      runs.push(run.chunks.length);
      const engine = new EngineWorker((work, options) => keeper.use(work, options));
      return engine.makeRun(run, { ...call, onChunk: ({ artifact }) => call.onChunk({ artifact, pictures: null }) });
    },
  };
  const wanted = missingChunks(project, model, branches, 'report');
  expect(wanted.map(({ parentKey }) => parentKey)).toEqual(
    wanted.map(({ ancestors }) => ancestors().at(-1)?.key ?? null),
  );
  const made: string[] = [];
  await makeWanted({
    ...{ wanted, project, model, engines: keeper, signal: new AbortController().signal },
    place: { ...own, worker, chunksAtMost: 4 },
    onPhase: () => {},
    onPreview: () => {},
    onMade: ({ chunk }) => void made.push(chunk.key),
  });
  expect(runs).toEqual([2, 2, 1]);
  expect(made.sort()).toEqual(wanted.map(({ chunk }) => chunk.key).sort());
  await window.until(() => window.chunks.size === 5 && window.takes.length === 3);
  await here.window.until(() => here.window.takes.length === 3);
  expect(await pictures(window)).toEqual(await pictures(here.window));
  expect(window.takes.map(({ shotId }) => shotId).sort()).toEqual(['root-shot', 'shot-one', 'shot-two']);
});
