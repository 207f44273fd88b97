import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openSound } from '../../src/main/sound/index.ts';
import { expect, make, shot, test, write } from './support/test.ts';

/** Half a second: silence, and a click at 0.25 s. */
const recording = join(import.meta.dirname, '../fixtures/sounds/click.wav');
const rate = 48_000;

const clip = (page: Page, name: RegExp) => page.getByRole('region', { name: 'Sounds' }).getByRole('button', { name });

/** Every AudioContext that the page makes is kept where a test can look at it. */
async function watchContexts(page: Page): Promise<void> {
  await page.addInitScript(`{
    window.madeContexts = [];
    window.AudioContext = class extends AudioContext {
      constructor(options) {
        super(options);
        window.madeContexts.push(this);
      }
    };
  }`);
  await page.reload();
}

/** A property of each of those contexts. */
function contexts<Value>(page: Page, property: 'state' | 'currentTime'): Promise<Value[]> {
  return page.evaluate(`window.madeContexts.map((context) => context.${property})`);
}

/** How many pixels of a clip's waveform are not empty. */
function drawnPixels(page: Page, sound: string): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('[aria-label*="${sound}"] canvas');
    if (!canvas) return 0;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let drawn = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i] > 0) drawn++;
    return drawn;
  })()`);
}

async function addSound(page: Page): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add a sound at the playhead' }).click();
  await (await chooser).setFiles(recording);
  await expect(clip(page, /Sound click\.wav/)).toBeVisible();
}

test('a sound is added, seen, moved, cut, faded, heard and exported', async ({ editor }) => {
  const { page, api } = editor;
  await watchContexts(page);
  await write(editor, [shot('one'), shot('two')]);
  await make(editor, 'two');
  await page.getByRole('region', { name: 'Player' }).last().focus();
  await page.keyboard.press('Home');
  await addSound(page);

  // Its waveform: a click, so little of it is not silent.
  await expect.poll(() => drawnPixels(page, 'click')).toBeGreaterThan(10);
  await expect(clip(page, /click/)).toHaveAccessibleName('Sound click.wav, from 0:00.0, 0.5 s');
  await expect(page.getByRole('tab', { name: 'Sound' })).toHaveAttribute('aria-selected', 'true');

  // By keys a frame at a time, at 8 frames a second; and by the field.
  await clip(page, /click/).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(clip(page, /click/)).toHaveAccessibleName(/from 0:00\.2/);
  await page.getByRole('textbox', { name: 'Heard from' }).fill('3');
  await expect(clip(page, /click/)).toHaveAccessibleName(/from 0:03\.0/);
  // It hangs on the second shot now, which begins after 21 frames.
  const hung = () =>
    editor.known.project?.document.shots.flatMap(({ id, sounds = [] }) =>
      sounds.map((sound) => [id, sound.offsetSamples]),
    );
  await expect.poll(hung).toEqual([['two-shot', (3 - 21 / 8) * rate]]);

  // By pointer: along the film, without snapping, and at its end.
  const lanes = await page.getByRole('region', { name: 'Sounds' }).boundingBox();
  const box = await clip(page, /click/).boundingBox();
  if (!lanes || !box) throw new Error('The sound is out of sight');
  await page.keyboard.down('Alt');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - lanes.width / 5, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up('Alt');
  const film = 45 / 8;
  await expect
    .poll(async () => Number(await page.getByRole('textbox', { name: 'Heard from' }).inputValue()))
    .toBeCloseTo(3 - film / 5, 1);
  await page.keyboard.press('Control+z');
  await expect(clip(page, /click/)).toHaveAccessibleName(/from 0:03\.0/);

  await page.getByRole('textbox', { name: 'Fade in' }).fill('0.1');
  await page.getByRole('textbox', { name: 'Length' }).fill('0.4');
  await expect(clip(page, /click/)).toHaveAccessibleName(/0\.4 s/);

  // It is heard: the film runs by the sound's clock.
  await page.getByRole('region', { name: 'Player' }).last().focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('l');
  await expect.poll(() => contexts<string>(page, 'state')).toEqual(['running']);
  await expect(page.getByText('frame 45', { exact: true })).toBeVisible();
  const [played] = await contexts<number>(page, 'currentTime');
  expect(played).toBeGreaterThan(film - 0.5);

  // And it is in the film where it was put.
  const { id, files } = await api.exports.start({
    ...{ target: { kind: 'cut', leaf: 'two-shot' }, file: null, format: 'mp4', fps: null, options: { height: 96 } },
  });
  await editor.until(({ exports }) => exports.get(id)?.state === 'done', 'it is exported');
  const bytes = new Uint8Array(readFileSync(files[0] ?? ''));
  const reader = await openSound({ sizeBytes: bytes.length, read: async (a, b) => bytes.slice(a, b) }, 'film.mp4');
  const heard: number[] = [];
  for await (const [left] of reader.blocks()) heard.push(...(left as Float32Array));
  reader.dispose();
  const click = heard.findIndex((value) => Math.abs(value) > 0.1);
  expect(Math.abs(click - 3.25 * rate)).toBeLessThan(64);
});

test('a sound has a menu, and is cut and pasted by keys', async ({ editor }) => {
  const { page, until } = editor;
  await write(editor, [shot('one')]);
  await make(editor, 'one');
  await addSound(page);
  const sounds = () => editor.known.project?.document.shots.flatMap((one) => one.sounds ?? []) ?? [];
  await clip(page, /click/).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Mute' }).click();
  await until(() => sounds()[0]?.muted === true, 'it is muted');
  await clip(page, /click/).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Duplicate behind it' }).click();
  await until(() => sounds().length === 2, 'there are two');
  await clip(page, /click/).first().focus();
  await clip(page, /click/).first().click();
  await page.keyboard.press('Control+x');
  await until(() => sounds().length === 1, 'one was cut');
  await page.keyboard.press('Control+v');
  await until(() => sounds().length === 2, 'and pasted');
});

test('the microphone is recorded while the film plays, and becomes a sound where it began', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one'), shot('two')]);
  await make(editor, 'two');
  await page.getByRole('region', { name: 'Player' }).last().focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowRight');
  await page.getByRole('button', { name: 'Record from the microphone while it plays' }).click();
  await expect(page.getByRole('button', { name: 'Stop recording' })).toBeVisible();
  await expect(page.getByText('frame 24', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Stop recording' }).click();
  await expect(clip(page, /Sound Recording 1\.webm, from 0:01\.0/)).toBeVisible();
  await expect.poll(() => drawnPixels(page, 'Recording 1')).toBeGreaterThan(100);
  const [sound] = editor.known.project?.document.shots.flatMap(({ sounds = [] }) => sounds) ?? [];
  // Frames 9 to 24 at 8 a second; when it is stopped depends on the machine.
  expect(sound?.lengthSamples).toBeGreaterThan(1.5 * rate);
});

test('what is no sound is told, and nothing of it is kept', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one')]);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add a sound at the playhead' }).click();
  await (await chooser).setFiles({ name: 'notes.wav', mimeType: 'audio/wav', buffer: Buffer.from('words, not sound') });
  await expect(page.getByText('"notes.wav" is not a sound file that can be read, or it is damaged.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Sounds' })).toHaveCount(0);
});
