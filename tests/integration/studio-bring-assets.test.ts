import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { expect, test } from 'vitest';
import { connect } from '../../src/main/persistence/database.ts';
import { openProjectFile } from '../../src/main/persistence/index.ts';
import { receiveUpload } from '../../src/main/studio/assets/receive-upload.ts';
import type { Asset } from '../../src/shared/assets/asset.ts';
import { newShot, studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

const recording = join(import.meta.dirname, '../fixtures/sounds/click.wav');

/** A project with a sound and a picture in it; another one is open then. */
async function copiedFrom(folder: string) {
  const window = new TestWindow(studioOptions(folder));
  const first = await window.api.projects.create({ title: 'First' });
  const sound = await window.api.assets.addSound({ file: recording });
  const picture = await createCanvas(16, 16).encode('png');
  const query = new URLSearchParams({ project: first.id, name: 'mia.png', kind: 'picture' });
  const { body } = await receiveUpload(
    window.studio,
    query,
    (async function* () {
      yield picture;
    })(),
  );
  const mia = JSON.parse(body) as Asset;
  const shot = newShot('a fox', 1, {
    memory: { pictures: [{ asset: mia.id, name: 'Mia' }] },
    firstFrame: { asset: mia.id },
  });
  await window.api.projects.create({ title: 'Second' });
  return { window, first, sound, mia, shot };
}

const paste = (window: TestWindow, shot: ReturnType<typeof newShot>) =>
  window.api.document.apply({ commands: [{ type: 'paste-shots', after: null, shots: [shot] }], gesture: null });

test('shots of another project bring their sounds and pictures along, whole, and undo takes the shots back', async () => {
  const { window, sound, mia, shot } = await copiedFrom(testFolder());
  await expect(paste(window, shot)).rejects.toThrow('The picture of "Mia" is not in this project.');
  const nobody = 'f'.repeat(64);
  const { missing } = await window.api.assets.bring({ assets: [sound.id, nobody, mia.id] });
  expect(missing).toEqual([nobody]);
  const { project } = window.studio.workspace;
  expect(project.assets).toEqual([sound, mia]);
  expect(await project.store.readAsset(sound.id, 'sound-48k', 0, 100_000)).toHaveLength(48_000);
  expect((await window.studio.media(`/media/sound/${sound.id}/0.pcm`))?.bytes).toHaveLength(48_000);
  expect((await project.store.readAsset(sound.id, 'sound-peaks', 0, 1))?.length).toBe(1);
  await paste(window, shot);
  expect(project.document.shots[0]?.memory.pictures).toEqual([{ asset: mia.id, name: 'Mia' }]);
  await window.api.document.undo();
  expect(project.document.shots).toEqual([]);
  await window.api.document.redo();
  expect(project.document.shots[0]?.firstFrame).toEqual({ asset: mia.id });
  // What nothing names goes with a clean-up, as ever.
  expect(await project.store.deleteUnusedAssets(true)).toMatchObject({ assets: 1 });
});

test('a project that is open elsewhere, damaged or gone has nothing, and what it had before is left alone', async () => {
  const folder = testFolder();
  const { window, first, mia } = await copiedFrom(folder);
  const other = join(folder, 'other.throughline');
  await window.api.projects.saveAs({ file: other });
  const bring = async () => (await window.api.assets.bring({ assets: [mia.id] })).missing;

  const elsewhere = await openProjectFile(first.file);
  expect(await bring()).toEqual([mia.id]);
  await elsewhere.close();

  const db = connect(first.file);
  const pieces = db.prepare('SELECT rowid AS row, data FROM asset_piece').all() as { row: number; data: Buffer }[];
  const alter = db.prepare('UPDATE asset_piece SET data = ? WHERE rowid = ?');
  for (const { row, data } of pieces)
    alter.run(
      data.map((byte) => byte ^ 1),
      row,
    );
  expect(await bring()).toEqual([mia.id]);
  for (const { row, data } of pieces) alter.run(data, row);
  db.close();
  const { project } = window.studio.workspace;
  expect([project.assets, await project.store.assets()]).toEqual([[], []]);
  expect(await bring()).toEqual([]);
});
