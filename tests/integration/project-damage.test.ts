import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/main/persistence/database.ts';
import { openProjectFile } from '../../src/main/persistence/index.ts';
import { ProjectFile } from '../../src/main/persistence/project-file.ts';
import { sampleArtifact, sampleChain } from './persistence-samples.ts';
import { addChunks, sampleDocument, samplePictures } from './project-samples.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'throughline-damage-'));
  file = path.join(folder, 'story.throughline');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function withDamage(sql: string): Promise<ProjectFile> {
  const sound = await ProjectFile.open(file, sampleDocument('Story'));
  addChunks(sound, 4);
  sound.close();
  const db = connect(file);
  db.exec(sql);
  db.close();
  const project = await ProjectFile.open(file, null);
  onTestFinished(() => project.close());
  return project;
}

test('a damaged take, job or chunk row is left out and counted', async () => {
  const project = await withDamage(`
      INSERT INTO take VALUES ('take-1', 'shot-1', 'a cat', 1, '["${'a'.repeat(64)}"]', 5), ('take-2', 'shot-1', 'a cat', 1, '["${'a'.repeat(64)}', 5);
      INSERT INTO job VALUES ('job-1', 0, '{}'), ('job-2', 1, '{"title":');
      UPDATE chunk_frames SET frame_count = -3 WHERE rowid = 1;
    `);
  const { takes, jobs, chunks, skipped } = project.contents();
  expect(takes.map(({ id }) => id)).toEqual(['take-1']);
  expect(jobs.map(({ id }) => id)).toEqual(['job-1']);
  expect(chunks).toHaveLength(3);
  expect(skipped).toEqual({ chunks: 1, takes: 1, jobs: 1 });
  expect(project.deleteUnused([], false).chunks).toBe(4);
  expect(project.takes()).toEqual([]);
});

test('a chunk that says it is its own parent has itself as its only ancestor', async () => {
  const project = await withDamage('UPDATE chunk SET parent_key = key');
  const [chunk] = project.contents().chunks;
  expect(project.ancestors(chunk?.key ?? '')).toHaveLength(1);
});

test('takes and chunks come in the order they were made, whatever the clock said', async () => {
  const project = await withDamage(`
      INSERT INTO take VALUES ('take-1', 'shot-1', 'a cat', 1, '[]', 9000000000000), ('take-2', 'shot-1', 'a cat', 1, '[]', 5);
    `);
  expect(project.takes().map(({ id }) => id)).toEqual(['take-1', 'take-2']);
});

test('a chunk with damaged pictures is made anew with other bits: it is replaced, and its dependants are told', async () => {
  const project = await withDamage("UPDATE media SET data = x'00' WHERE kind = 'thumb.webp' AND rowid = 2");
  const chain = sampleChain(4, { values: 2000 });
  const { damaged } = project.findDamaged(0, 10);
  expect(damaged).toEqual([chain[0]?.key]);
  const [first, second, third, fourth] = chain;
  const anew = sampleArtifact(null, { values: 2000, variant: 5 });
  expect(project.putChunk(anew, 9, samplePictures('anew'), null)).toEqual({
    replaced: true,
    dependants: [second?.key, third?.key, fourth?.key],
  });
  expect(project.findDamaged(0, 10).damaged).toEqual([]);
  expect(project.latents(anew.key)).toEqual(anew.latents);
  // What was made after the old bits may be made again as well; what is whole and fits stays.
  const after = sampleArtifact(anew, { values: 2000, variant: 6 });
  expect(project.putChunk(after, 12, samplePictures('anew'), null)).toMatchObject({ replaced: true });
  expect(() => project.putChunk({ ...anew, latents: first!.latents }, 9, samplePictures(), null)).toThrow(
    /already stored with other latents/,
  );
});

test('latents that were altered are told as that', async () => {
  const project = await withDamage("UPDATE chunk SET latents = x'00' WHERE rowid = 1");
  const key = project.contents().chunks[0]?.key ?? '';
  expect(() => project.latents(key)).toThrow(expect.objectContaining({ code: 'database' }));
  project.close();
  const store = await openProjectFile(file);
  onTestFinished(() => store.close());
  await expect(store.latents(key)).rejects.toMatchObject({
    code: 'database',
    message: /latents of chunk .* altered/,
  });
});
