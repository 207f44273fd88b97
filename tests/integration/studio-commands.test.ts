import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { expect, test } from 'vitest';
import { createRouter } from '../../src/main/studio/router.ts';
import { mp4 } from '../fakes/edit-plans.ts';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { newShot, studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

/** A studio with a window, and a client of which every call says itself what it is made for. */
function open() {
  const folder = testFolder();
  const window = new TestWindow({
    ...studioOptions(folder),
    startEngine: async (options) => new FakeStudioEngine(options),
  });
  return { window, folder, client: createRouterClient(createRouter(window.studio)) };
}

test('what was meant for another project is refused in a sentence that names it, whatever it is', async () => {
  const { window, client } = open();
  const salt = await window.api.projects.create({ title: 'Salt' });
  const shot = await window.add(null, 'a cat', 1);
  const sugar = await window.api.projects.create({ title: 'Sugar' });
  expect(sugar.id).not.toBe(salt.id);
  const at = { project: salt.id, revision: salt.revision };
  const { project } = at;
  const target = { kind: 'cut', leaf: shot } as const;
  const calls: Record<string, () => Promise<unknown>> = {
    apply: () =>
      client.document.apply({
        ...at,
        commands: [{ type: 'add-shot', parent: null, shot: newShot('a dog', 1) }],
        gesture: null,
      }),
    undo: () => client.document.undo(at),
    redo: () => client.document.redo(at),
    importScript: () => client.document.importScript({ ...at, name: 'a.txt', text: 'a bear' }),
    saveAs: () => client.projects.saveAs({ project, file: '/tmp/never' }),
    nameVersion: () => client.projects.nameVersion({ ...at, name: 'a' }),
    versions: () => client.projects.versions({ project }),
    restoreVersion: () => client.projects.restoreVersion({ ...at, id: 1 }),
    close: () => client.projects.close({ project }),
    record: () => client.chunks.record({ project, key: 'a'.repeat(64) }),
    ancestors: () => client.chunks.ancestors({ project, key: 'a'.repeat(64) }),
    estimate: () => client.queue.estimate({ project, shotIds: [shot] }),
    generate: () => client.queue.generate({ ...at, shotIds: [shot] }),
    newTake: () => client.queue.newTake({ ...at, shotId: shot }),
    pause: () => client.queue.pause({ project }),
    resume: () => client.queue.resume({ project }),
    cancel: () => client.queue.cancel({ project, jobId: 'a' }),
    retry: () => client.queue.retry({ project, jobId: 'a' }),
    dismiss: () => client.queue.dismiss({ project, jobId: 'a' }),
    reorder: () => client.queue.reorder({ project, jobIds: [] }),
    warnings: () => client.exports.warnings({ project, target }),
    start: () => client.exports.start({ ...at, target, file: null, ...mp4(16) }),
    cache: () => client.storage.cache({ project }),
    clearCache: () => client.storage.clearCache({ project }),
    unused: () => client.storage.unused({ project }),
    cleanUp: () => client.storage.cleanUp(at),
  };
  for (const [name, call] of Object.entries(calls)) {
    const refused = await call().then(
      () => null,
      (error) => error.data,
    );
    expect(refused, name).toMatchObject({
      code: 'other-project',
      message: 'This was meant for "Salt", which is not open any more.',
    });
  }
  expect(window.studio.workspace.project.document.shots).toEqual([]);
});

test('made on an older revision: edits are applied to the newest, undo and clean-up are refused', async () => {
  const { window, client } = open();
  const { id: project } = await window.api.projects.create({ title: 'Two windows' });
  const one = await window.add(null, 'one', 1);
  const two = await window.add(one, 'two', 1);
  const seen = window.studio.workspace.project.state.revision;
  // Another window is quicker.
  await window.api.document.apply({
    commands: [{ type: 'edit-shot', id: two, patch: { prompt: 'two, theirs' } }],
    gesture: null,
  });
  const changed = await client.document.apply({
    ...{ project, revision: seen, gesture: null },
    commands: [{ type: 'edit-shot', id: one, patch: { prompt: 'one, ours' } }],
  });
  expect(changed.revision).toBe(seen + 2);
  const { document } = window.studio.workspace.project;
  expect(document.shots.map(({ prompt }) => prompt)).toEqual(['one, ours', 'two, theirs']);

  const stale = { data: { code: 'stale', message: 'The story was changed meanwhile, in another window or tab.' } };
  await expect(client.document.undo({ project, revision: seen })).rejects.toMatchObject(stale);
  await expect(client.document.redo({ project, revision: seen })).rejects.toMatchObject(stale);
  await expect(client.storage.cleanUp({ project, revision: seen })).rejects.toMatchObject(stale);
  expect(await client.document.undo({ project, revision: changed.revision })).toEqual({ revision: seen + 3 });
});

test('a subtree that another window has put a shot into is not deleted unseen; one that is as it was seen is', async () => {
  const { window, client } = open();
  const { id: project } = await window.api.projects.create({});
  const one = await window.add(null, 'one', 1);
  const two = await window.add(one, 'two', 1);
  const other = await window.add(null, 'elsewhere', 1);
  const revision = window.studio.workspace.project.state.revision;
  await window.add(two, 'three, theirs', 1);
  const remove = (ids: string[]) =>
    client.document.apply({
      ...{ project, revision, gesture: null },
      commands: [{ type: 'delete-shots', ids, mode: 'subtree' }],
    });
  await expect(remove([one])).rejects.toMatchObject({ data: { code: 'stale' } });
  await remove([other]);
  expect(window.studio.workspace.project.document.shots.map(({ prompt }) => prompt)).toEqual([
    'one',
    'two',
    'three, theirs',
  ]);
});

test('a version is the story as it was when it was named, not what another window made of it meanwhile', async () => {
  const { window, client, folder } = open();
  const { id: project } = await window.api.projects.create({ file: join(folder, 'versions') });
  const one = await window.add(null, 'one', 1);
  const { revision } = window.studio.workspace.project.state;
  await window.api.document.apply({
    commands: [{ type: 'edit-shot', id: one, patch: { prompt: 'two' } }],
    gesture: null,
  });
  await client.projects.nameVersion({ project, revision, name: 'One' });
  const [version] = await client.projects.versions({ project });
  await window.api.projects.restoreVersion({ id: version?.id ?? 0 });
  expect(window.studio.workspace.project.document.shots.map(({ prompt }) => prompt)).toEqual(['one']);
});
