import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { expect, test } from 'vitest';
import { readStoryPictures } from '../../src/main/pictures/story-pictures.ts';
import type { Story } from '../../src/shared/story.ts';
import { CliBench } from '../fakes/cli-bench.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

/** A picture of one colour. */
async function png(colour: string, side = 32): Promise<Buffer> {
  const canvas = createCanvas(side, side);
  const context = canvas.getContext('2d');
  context.fillStyle = colour;
  context.fillRect(0, 0, side, side);
  context.fillStyle = 'white';
  context.fillRect(3, 5, side / 4, side / 3);
  return canvas.encode('png');
}

const story = {
  format: 'throughline-story',
  version: 1,
  title: 'Fox',
  memory: { pictures: [{ file: 'pictures/mia.png', name: 'Mia', says: 'a red fox' }] },
  shots: [
    { prompt: 'the fox waves', chunks: 1, firstFrame: { file: 'begin.png' } },
    { prompt: 'the fox sleeps', chunks: 1, transition: 'cut' },
  ],
};

/** A story with its pictures beside it. @returns its file */
async function storyFolder(folder: string, text: object = story): Promise<string> {
  mkdirSync(join(folder, 'pictures'));
  writeFileSync(join(folder, 'pictures', 'mia.png'), await png('red'));
  writeFileSync(join(folder, 'begin.png'), await png('green'));
  const file = join(folder, 'fox.json');
  writeFileSync(file, JSON.stringify(text));
  return file;
}

test('pictures beside a story are read, by file and by address alike; each that cannot be is said', async () => {
  const folder = testFolder();
  const storyFile = await storyFolder(folder);
  const outside = join(folder, '..', 'elsewhere.png');
  const address = `data:image/png;base64,${readFileSync(join(folder, 'begin.png')).toString('base64')}`;
  const names = ['pictures/mia.png', address, 'none.png', outside, '../fox.png', 'fox.json', 'data:text/plain,x'];
  const found = await readStoryPictures(names, { storyFile });
  const why = (name: string) => {
    const one = found.get(name);
    return one && 'why' in one ? `${one.why}. ${one.hint}` : 'found';
  };
  expect(names.map(why)).toEqual([
    'found',
    'found',
    `there is no file ${join(folder, 'none.png')}. Put it there, or take it out of the story.`,
    'a story names pictures in its own folder or below. Put it there.',
    'a story names pictures in its own folder or below. Put it there.',
    expect.stringContaining('"fox.json"'),
    'its data: address holds no PNG, JPEG or WebP in base64. Name a file instead.',
  ]);
  // What was kept once is kept as it is: the film that is made of it keeps its keys.
  const kept = found.get(address);
  if (!kept || !('png' in kept)) throw new Error('not found');
  const again = `data:image/png;base64,${Buffer.from(kept.png).toString('base64')}`;
  expect((await readStoryPictures([again], { storyFile: null })).get(again)).toMatchObject({ asset: kept.asset });
  const nowhere = (await readStoryPictures(['begin.png'], { storyFile: null })).get('begin.png');
  expect(nowhere).toMatchObject({ why: 'a browser does not say in which folder the story lies' });
  await expect(readStoryPictures(Array(18).fill('x.png'), { storyFile })).rejects.toThrow('it may name 17');
});

test('opened in the editor, a story has its pictures; exported, it is read back as it was', async () => {
  const folder = testFolder();
  const file = await storyFolder(folder);
  const window = new TestWindow(studioOptions(folder));
  const opened = await window.api.projects.open({ file });
  const [first, second] = opened.document.shots;
  const [mia] = first?.memory.pictures ?? [];
  expect(mia).toMatchObject({ name: 'Mia', says: 'a red fox' });
  expect(second?.memory.pictures).toBeUndefined(); // it is remembered from the first shot on
  const { assets } = window.studio.workspace.project;
  expect(assets.map(({ kind, name }) => [kind, name])).toEqual([
    ['picture', 'mia.png'],
    ['picture', 'begin.png'],
  ]);
  expect([mia?.asset, first?.firstFrame?.asset]).toEqual(assets.map(({ id }) => id));

  await window.generate(second?.id as string); // so that it is known which model the film is for
  const cut = { kind: 'cut', leaf: second?.id as string } as const;
  const written = join(folder, 'again.json');
  const { id } = await window.api.exports.start({ target: cut, file: written, format: 'json', fps: null, options: {} });
  await window.until(() =>
    window.events.some((event) => event.type === 'export' && event.export.id === id && event.export.state === 'done'),
  );
  // Its pictures are in it: no folder is needed to read it back, as a browser has none.
  await window.api.projects.create({ title: 'Empty' });
  const text = readFileSync(written, 'utf8');
  const brought = await window.api.document.importScript({ name: 'again.json', text });
  expect(brought.warnings).toEqual([]);
  const [back] = window.studio.workspace.project.document.shots;
  expect(back).toMatchObject({ firstFrame: first?.firstFrame, memory: { pictures: [mia] } });
  expect(window.studio.workspace.project.assets.map(({ id }) => id).sort()).toEqual(assets.map(({ id }) => id).sort());
});

test('brought in without its folder, a story comes without its pictures, and says which and what to do', async () => {
  const folder = testFolder();
  const file = await storyFolder(folder);
  const { api } = new TestWindow(studioOptions(folder));
  await api.projects.create({ title: 'Empty' });
  const script = { name: 'fox.json', text: JSON.stringify(story) };
  const preview = await api.document.previewImport(script);
  expect(preview.script).not.toHaveProperty('pictureFiles');
  expect(preview.script.notes.map(({ where }) => where)).toEqual(['memory.pictures[0]', 'shots[0].firstFrame']);
  const without = await api.document.importScript(script);
  expect(without.shots).toBe(2);
  expect(without.warnings[0]).toBe(
    'fox.json, memory.pictures[0]: the picture "Mia" (pictures/mia.png) is left out: a browser does not say in which folder the story lies. Open the story by its path (Menu, Open…), or add the picture to the shot.',
  );
  expect((await api.document.importScript({ ...script, file })).warnings).toEqual([]);
});

test('on the command line the pictures beside a story are part of the film, and one that is missing stops it', async () => {
  const folder = testFolder();
  const file = await storyFolder(folder);
  const bench = new CliBench(folder);
  const info = bench.engine.info as { encoder?: string };
  info.encoder = 'e'.repeat(64);
  expect(await bench.run('render', file, '--out', join(folder, 'film.mp4'), '--policy', 'nam')).toBe(0);
  const [made] = bench.engine.made;
  expect(made?.recipe.pictures).toMatchObject([{ name: 'Mia', says: 'a red fox' }]);
  const asset = made?.recipe.firstFrame?.asset as string;
  expect(await bench.started[0]?.pictureOf?.(asset, 8, 8)).toHaveLength(8 * 8 * 3);

  const written = join(folder, 'again.json');
  const model = join(import.meta.dirname, '..', '..', 'resources', 'models', 'animatic');
  await bench.run('export', file, '--format', 'json', '--out', written, '--model', model);
  expect(bench.terminal.errors).not.toContain('Error');
  const again = JSON.parse(readFileSync(written, 'utf8')) as Story;
  expect(again.shots[0]?.firstFrame).toMatchObject({ file: expect.stringMatching(/^data:image\/png;base64,/) });

  const missing = { ...story, shots: [{ ...story.shots[0], firstFrame: { file: 'gone.png' } }] };
  writeFileSync(file, JSON.stringify(missing));
  for (const command of ['render', 'compare']) {
    const out = command === 'render' ? ['--out', join(folder, 'other.mp4')] : [];
    expect(await bench.run(command, file, ...out)).toBe(1);
    expect(bench.terminal.errors).toContain(
      'shots[0].firstFrame: the first frame (gone.png) cannot be had: there is no',
    );
  }
});
