import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { XMLValidator } from 'fast-xml-parser';
import omggif from 'omggif';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { expect, onTestFinished, test } from 'vitest';
import { samplePlan } from '../../../../tests/fakes/edit-plans.ts';
import type { EditShot } from '../../../shared/edit/edit-plan.ts';
import type { ShotFrames } from '../../../shared/trim.ts';
import { lookAtTarget } from '../../files/index.ts';
import { decodeFilm } from '../film-reader.ts';
import { exportFormats, formatNamed } from './index.ts';

const source = { width: 40, height: 24, fps: 8 };
/** As `samplePlan` has them, at 8 frames a second: the second shot has none. */
const frames: readonly ShotFrames[] = [
  { head: 4, shown: 21, tail: 3 },
  { head: 0, shown: 0, tail: 0 },
  { head: 0, shown: 12, tail: 0 },
];
const shown = 33;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'throughline-formats-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Which characters the fonts of a machine have is the machine's. */
const isNotOfFonts = (note: string): boolean => !note.startsWith('No font here has');

/** Grey frames, each brighter than the one before; handles are red. */
async function exported(
  id: string,
  path: string,
  options: object = {},
  plan = samplePlan(8),
): Promise<readonly string[]> {
  const format = formatNamed(id);
  if (format.needs === 'plan') throw new Error(`${id} takes no frames`);
  const sink = await format.open({ target: await lookAtTarget(path, true), plan, options, source, frames });
  let bright = 0;
  for (const [shot, { head, shown: middle, tail }] of frames.entries()) {
    for (const [part, count] of [
      ['head', head],
      ['shown', middle],
      ['tail', tail],
    ] as const) {
      for (let i = 0; i < count; i++) {
        const rgb = new Uint8Array(source.width * source.height * 3);
        for (let p = 0; p < rgb.length; p += 3) rgb.set(part === 'shown' ? [bright, bright, bright] : [255, 0, 0], p);
        if (part === 'shown') bright += 7;
        await sink.add({ rgb, shot, part });
      }
    }
  }
  const { notes } = await sink.finish();
  await sink.abort();
  return notes;
}

async function pixel(bytes: Uint8Array): Promise<number[]> {
  const image = await loadImage(Buffer.from(bytes));
  const canvas = createCanvas(image.width, image.height);
  canvas.getContext('2d').drawImage(image, 0, 0);
  return [...canvas.getContext('2d').getImageData(image.width / 2, image.height / 2, 1, 1).data];
}

test('every format has a name of its own and defaults for all its options', () => {
  expect(new Set(exportFormats.map(({ id }) => id)).size).toBe(exportFormats.length);
  for (const format of exportFormats) format.check({});
});

test('an option that a format does not know is refused by name', () => {
  expect(() => formatNamed('edl').check({ panels: 6 })).toThrow('The edl export has no option panels.');
  const refused = (id: string, options: object): string => {
    try {
      formatNamed(id).check(options);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  expect(refused('pdf', { panels: 5 })).toBe(
    'The option panels of the pdf export takes one of 1, 2, 3, 4, 6, 8, 9, 12.',
  );
  expect(refused('png', { panels: 4 })).toBe('The option panels of the png export takes one of 1, 3.');
  expect(refused('gif', { height: 4000 })).toBe('The option height of the gif export is at most 2160.');
  expect(refused('gif', { height: 20.5 })).toBe('The option height of the gif export takes a whole number.');
  expect(refused('pdf', { date: 'x'.repeat(41) })).toBe('The option date of the pdf export has at most 40 characters.');
  expect(refused('pdf', { fields: ['scene', 'mood'] })).toMatch(
    /^The option fields of the pdf export takes one of scene, /,
  );
  expect(refused('pdf', { logo: 'logo.png' })).toBe(
    'The option logo of the pdf export is not written as it has to be.',
  );
  expect(() => formatNamed('avi')).toThrow(/no export format "avi"/);
});

test('an edit is as large as the film that it names', () => {
  const plan = { ...samplePlan(24), size: { width: 160, height: 96 } };
  const sizeOf = (options: object) => {
    const format = formatNamed('fcpxml');
    if (format.needs === 'frames') throw new Error('it takes no frames');
    const [, width, height] = /<format [^>]*width="(\d+)" height="(\d+)"/.exec(format.write({ plan, options })) ?? [];
    return [Number(width), Number(height)];
  };
  expect(sizeOf({})).toEqual([1200, 720]);
  expect(sizeOf({ height: 96 })).toEqual([160, 96]);
  expect(sizeOf({ height: 1080, aspect: '16:9' })).toEqual([1920, 1080]);
});

test('subtitles of a film that nobody speaks in say why they are empty', () => {
  const format = formatNamed('srt');
  if (format.needs === 'frames') throw new Error('it takes no frames');
  const plan = samplePlan(24);
  const silent = { ...plan, shots: plan.shots.map((shot) => ({ ...shot, fields: { ...shot.fields, dialogue: '' } })) };
  expect(format.notes(plan)).toEqual([]);
  expect(format.notes(silent)).toEqual([expect.stringMatching(/^No shot has dialogue, so the file is empty\./)]);
});

test('a story file says what of the footage it does not hold', () => {
  const format = formatNamed('json');
  if (format.needs === 'frames') throw new Error('it takes no frames');
  const plan = samplePlan(24);
  const [first, ...others] = plan.shots as [EditShot, ...EditShot[]];
  expect(format.notes(plan)).toEqual([]);
  const chunks = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
  const footage = { asset: 'e'.repeat(64), name: 'walk.mp4', chunks, given: 2, begins: true as const };
  const recipe = { chunks: 2, seed: 0, transition: 'cut' as const, footage };
  const begun = { ...plan, shots: [{ ...first, recipe }, ...others] };
  const strips = chunks.map(() => ({ frames: 12, file: 'data:image/png;base64,AAAA' }));
  expect(format.notes({ ...begun, footage: { chunks, strips } })).toEqual([]);
  const [part] = format.notes({ ...begun, footage: { chunks: chunks.slice(0, 2), strips: strips.slice(0, 2) } });
  expect(part).toMatch(/^Of the footage "walk.mp4" the file holds the first 2 of 3 chunks:/);
  expect(format.notes(begun)).toEqual([
    expect.stringMatching(
      /^The footage "walk.mp4" is not in the file: .* Made from the file, the film begins otherwise.$/,
    ),
  ]);
});

test('boards as PDF: text is text, one picture a shot, what is missing is said', async () => {
  const path = join(folder(), 'boards.pdf');
  const notes = await exported('pdf', path, {
    panels: 2,
    fields: ['scene', 'prompt', 'action', 'dialogue', 'camera', 'notes', 'time'],
  });
  expect(notes.filter(isNotOfFonts)).toEqual([]);
  const document = await getDocument({ data: new Uint8Array(readFileSync(path)), verbosity: 0 }).promise;
  expect(document.numPages).toBe(2);
  const text = (await (await document.getPage(1)).getTextContent()).items
    .map((item) => ('str' in item ? item.str : ''))
    .join(' ');
  expect(text).toContain('The film: Mia & "Bär"');
  expect(text).toContain('12A');
  expect(text).toContain('EXT. MEADOW - DAY');
  expect(text).toContain('Prompt: A red cat waves in the meadow.');
  expect(text).toContain('not generated yet');
  expect(text).toContain('1 / 2');
});

test('boards say how many panels hold more text than fits', async () => {
  const plan = samplePlan(8);
  const shots = plan.shots.map((shot) => ({ ...shot, fields: { ...shot.fields, notes: 'a long note '.repeat(400) } }));
  const notes = await exported('pdf', join(folder(), 'boards.pdf'), { panels: 12 }, { ...plan, shots });
  expect(notes.filter(isNotOfFonts)).toEqual([expect.stringMatching(/3 panels did not fit/)]);
});

test('GIF: another decoder sees every frame, and the time adds up', async () => {
  const path = join(folder(), 'film.gif');
  await exported('gif', path, { height: 64 });
  const gif = new omggif.GifReader(readFileSync(path));
  expect([gif.numFrames(), gif.height, gif.loopCount()]).toEqual([shown, 64, 0]);
  const hundredths = Array.from({ length: shown }, (_, i) => gif.frameInfo(i).delay);
  expect(hundredths.reduce((sum, delay) => sum + delay, 0)).toBe(Math.round((shown * 100) / 8));
});

test('WebP: another decoder opens it', async () => {
  const path = join(folder(), 'film.webp');
  await exported('webp', path, { height: 64 });
  const bytes = readFileSync(path);
  expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
  expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
  expect((await loadImage(bytes)).height).toBe(64);
});

test('stills: one a shot, named in every script, of its middle frame', async () => {
  const path = join(folder(), 'stills');
  await exported('png', path, { height: 64 });
  const names = readdirSync(path).sort();
  expect(names).toEqual(['001 shot 12A Mia & Bär 🐻 猫 100%.png', '003 City.png']);
  expect(await pixel(readFileSync(join(path, names[0] as string)))).toEqual([70, 70, 70, 255]);
});

test('a contact sheet: a row a shot, the asked pictures of each, and refused beforehand where no viewer would open it', async () => {
  const path = join(folder(), 'sheet.png');
  const notes = await exported('contact-sheet', path, { panels: 2 });
  expect(notes.filter(isNotOfFonts)).toEqual([]);
  const image = await loadImage(readFileSync(path));
  const canvas = createCanvas(image.width, image.height);
  canvas.getContext('2d').drawImage(image, 0, 0);
  const { data } = canvas.getContext('2d').getImageData(0, 0, image.width, image.height);
  // A frame of 40 x 24 is drawn at eight times its size. Shots one and three show frames 5, 15 and 3, 9 of theirs.
  const pixels = 40 * 8 * 24 * 8;
  const counts = new Map<number, number>();
  for (let i = 0; i < data.length; i += 4)
    if (data[i] === data[i + 1] && data[i] === data[i + 2])
      counts.set(data[i] as number, (counts.get(data[i] as number) ?? 0) + 1);
  for (const frame of [5, 15, 21 + 3, 21 + 9])
    expect(counts.get(frame * 7), `frame ${frame}`).toBeGreaterThanOrEqual(pixels);
  const shots = Array.from({ length: 200 }, () => samplePlan(8).shots[0] as never);
  const long = { ...samplePlan(8), shots };
  const format = formatNamed('contact-sheet');
  if (format.needs === 'plan') throw new Error('it takes frames');
  const all = shots.map(() => ({ head: 0, shown: 12, tail: 0 }));
  const target = await lookAtTarget(join(folder(), 'long.png'), true);
  await expect(format.open({ target, plan: long, options: {}, source, frames: all })).rejects.toThrow(
    /contact sheet would be .* pixels/,
  );
});

test('a sequence has every frame, without handles', async () => {
  const path = join(folder(), 'frames');
  await exported('png-sequence', path, { height: 64 });
  const names = readdirSync(path).sort();
  expect([names.length, names[0], names.at(-1)]).toEqual([shown, 'frame 000001.png', 'frame 000033.png']);
  expect(await pixel(readFileSync(join(path, 'frame 000033.png')))).toEqual([224, 224, 224, 255]);
});

async function framesIn(path: string): Promise<{ count: number; width: number; height: number }> {
  let count = 0;
  let size = { width: 0, height: 0 };
  for await (const { width, height } of decodeFilm(path)) {
    count++;
    size = { width, height };
  }
  return { count, ...size };
}

test('MP4 at an editing rate, in another aspect, says what happens to the frames', async () => {
  const path = join(folder(), 'film.mp4');
  const notes = await exported(
    'mp4',
    path,
    { height: 96, aspect: '16:9', burnIn: ['timecode', 'dialogue'] },
    samplePlan(24),
  );
  expect(notes).toEqual(['Every frame is shown 3 times: the model makes 8 frames a second, the film has 24.']);
  expect(await framesIn(path)).toEqual({ count: 99, width: 170, height: 96 });
});

test('clips: a film a shot, with its handles', async () => {
  const path = join(folder(), 'clips');
  await exported('clips', path, { height: 64 });
  const names = readdirSync(path).sort();
  expect(names).toEqual(['001 shot 12A Mia & Bär 🐻 猫 100%.mp4', '003 City.mp4']);
  expect((await framesIn(join(path, names[0] as string))).count).toBe(28);
  expect((await framesIn(join(path, names[1] as string))).count).toBe(12);
});

test('an animatic is one page with the film in it', async () => {
  const path = join(folder(), 'film.html');
  await exported('html', path, { height: 64 });
  const page = readFileSync(path, 'utf8');
  expect(page).not.toMatch(/(src|href)="(?!data:)/);
  expect(page).toContain('data:video/mp4;base64,');
  expect(page).toContain('Mia &#38; &#34;Bär&#34; 🐻 &#60;猫&#62; 100%');
  expect(XMLValidator.validate(page.slice(page.indexOf('<ol>'), page.indexOf('</ol>') + 5))).toBe(true);
});

test('an export that is given up leaves nothing behind', async () => {
  for (const { id, needs } of exportFormats) {
    if (needs === 'plan') continue;
    const path = folder();
    const format = formatNamed(id);
    if (format.needs === 'plan') continue;
    const sink = await format.open({
      target: await lookAtTarget(join(path, 'out'), true),
      plan: samplePlan(8),
      options: {},
      source,
      frames,
    });
    await sink.add({ rgb: new Uint8Array(source.width * source.height * 3), shot: 0, part: 'shown' });
    await sink.abort();
    await sink.abort();
    expect([id, readdirSync(path)]).toEqual([id, []]);
  }
});

test('a folder that is there already is refused', async () => {
  const path = folder();
  await expect(exported('png', path)).rejects.toThrow(/There is a folder named/);
});
