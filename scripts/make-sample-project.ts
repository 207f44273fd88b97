/**
 * Makes resources/sample-project from resources/stories/sample.json with the built-in model: every chunk, a second
 * ending, and a frame in the cast. To be run again whenever the model's weights change.
 *
 *   npm run make:sample            make it, unless it was made with this model
 *   npm run make:sample -- --force make it in any case
 *   npm run make:sample -- --check only say whether it is out of date (exit 1)
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { openProjectFile } from '../src/main/persistence/index.ts';
import {
  madeWithName,
  modelFolderDigest,
  readySample,
  sampleProjectName,
} from '../src/main/studio/project/sample-project.ts';
import { importScript } from '../src/main/studio/project/scripts/import-script.ts';
import { readScriptFile } from '../src/main/studio/project/scripts/script-file.ts';
import { appFolders } from '../src/main/studio/settings/app-folders.ts';
import { Studio } from '../src/main/studio/studio.ts';
import { applyCommand, emptyDocument } from '../src/shared/project/apply-command.ts';
import type { ProjectDocument, ProjectShot } from '../src/shared/project/document.ts';

const root = join(import.meta.dirname, '..');
const { modelFolder, sampleStory, sampleProjectFolder } = appFolders();
const largestBytes = 6_000_000;
/** Of WebP, in 1..100. */
const pictureQuality = 93;

/** The shot from which on the cat is always remembered, and the latent frame that shows it. */
const cast = { shot: 4, frame: 3, name: 'The red cat' };
const otherEnding = 'The red cat and the yellow duck wave on the beach at sunset.';

/** The sample story with its cast and its two endings. Ids are fixed, so that the same story is the same file. */
function sampleDocument(): ProjectDocument {
  const { title, prompts, stories } = importScript(readScriptFile(sampleStory), null);
  const ids = new Map((stories[0] ?? []).map(({ id }, i) => [id, `sample-${i + 1}`]));
  const shots = (stories[0] ?? []).map(
    (shot): ProjectShot => ({
      ...shot,
      id: ids.get(shot.id) as string,
      parent: shot.parent === null ? null : (ids.get(shot.parent) as string),
    }),
  );
  const [beforeLast, last] = shots.slice(-2) as [ProjectShot, ProjectShot];
  const ending: ProjectShot = { ...last, id: 'sample-ending', prompt: otherEnding, memory: {} };
  const start: ProjectDocument = { ...emptyDocument(title), prompts, shots };
  return [
    { type: 'pin-frame' as const, shotId: shots[cast.shot]?.id ?? '', frame: cast.frame, name: cast.name },
    { type: 'add-shot' as const, parent: beforeLast.id, shot: ending },
    { type: 'name-cut' as const, leaf: last.id, name: 'An ending' },
    { type: 'name-cut' as const, leaf: ending.id, name: 'Another ending' },
  ].reduce(applyCommand, start);
}

/** Opens a new project with the document in `folder` and makes everything. Returns its file, closed. */
async function generate(folder: string): Promise<string> {
  const file = join(folder, sampleProjectName);
  const document = sampleDocument();
  const store = await openProjectFile(file, JSON.stringify(document));
  await store.close();
  const studio = new Studio({
    ...appFolders(undefined, folder),
    host: {
      info: { host: 'browser', versions: {}, fallbackReason: null, platform: process.platform },
      chooseFile: null,
      reveal: null,
    },
  });
  try {
    await studio.projects.openFile(file);
    const { queue, project } = studio.workspace;
    await queue.generate(document.shots.map(({ id }) => id));
    for (let job = queue.state.jobs[0]; job?.state !== 'done'; job = queue.state.jobs[0]) {
      if (!job || job.error) throw new Error(job?.error?.message ?? 'The job is gone');
      process.stdout.write(`\r${project.chunks.size} chunks `);
      await wait(500);
    }
    process.stdout.write(`\r${project.chunks.size} chunks\n`);
  } finally {
    await studio.dispose();
  }
  return file;
}

/** Writes the file anew and small, without what only this machine's studio needs. */
async function pack(from: string, to: string): Promise<void> {
  rmSync(to, { force: true });
  const database = new DatabaseSync(from);
  // The studio keeps pictures lossless; they are only what is looked at, films are decoded from the latents.
  const replace = database.prepare("UPDATE media SET data = ? WHERE chunk_key = ? AND kind = 'strip.webp'");
  for (const { chunk_key: key, data } of database.prepare("SELECT * FROM media WHERE kind = 'strip.webp'").all()) {
    const picture = await loadImage(Buffer.from(data as Uint8Array));
    const canvas = createCanvas(picture.width, picture.height);
    canvas.getContext('2d').drawImage(picture, 0, 0);
    replace.run(await canvas.encode('webp', pictureQuality), key as string);
  }
  database.exec("DELETE FROM job; DELETE FROM fact WHERE name = 'id'; PRAGMA wal_checkpoint(TRUNCATE);");
  database.prepare('VACUUM INTO ?').run(to);
  database.close();
}

async function make(): Promise<void> {
  const started = performance.now();
  const digest = await modelFolderDigest(modelFolder);
  const folder = mkdtempSync(join(tmpdir(), 'throughline-sample-'));
  try {
    const file = await generate(folder);
    mkdirSync(sampleProjectFolder, { recursive: true });
    const target = join(sampleProjectFolder, sampleProjectName);
    await pack(file, target);
    if ((await modelFolderDigest(modelFolder)) !== digest)
      throw new Error('The model was changed meanwhile: run it again.');
    writeFileSync(join(sampleProjectFolder, madeWithName), `${JSON.stringify({ model: digest }, null, 2)}\n`);
    const { size } = statSync(target);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`${target.slice(root.length + 1)}: ${(size / 1e6).toFixed(1)} MB in ${seconds} s`);
    if (size > largestBytes) throw new Error(`It is larger than ${largestBytes / 1e6} MB.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const isReady = (await readySample(sampleProjectFolder, modelFolder)) !== null;
if (process.argv.includes('--check')) {
  console.log(
    isReady ? 'The sample project was made with this model.' : 'The sample project is out of date: npm run make:sample',
  );
  process.exitCode = isReady ? 0 : 1;
} else if (isReady && !process.argv.includes('--force')) {
  console.log('The sample project was made with this model already.');
} else {
  await make();
}
