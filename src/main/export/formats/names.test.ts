import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadImage } from '@napi-rs/canvas';
import { XMLParser } from 'fast-xml-parser';
import { Fountain } from 'fountain-js';
import omggif from 'omggif';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { parseSync } from 'subtitle';
import { expect, onTestFinished, test } from 'vitest';
import { planEdit } from '../../../shared/edit/edit-plan.ts';
import type { ShotFrames } from '../../../shared/trim.ts';
import { lookAtTarget, writeFileAtomically } from '../../files/index.ts';
import { decodeFilm, verifyFilm } from '../film-reader.ts';
import { exportFormats, formatNamed } from './index.ts';

/** Spaces, an emoji of several code points, scripts without Latin letters, what XML, JSON and file systems escape. */
const names = ['Mia & "Bär" <100 %>', 'Кот и 猫', 'Family 👩‍👩‍👧 \\ done', "It's: 50% off / half"] as const;
const title = `Film ${names.join(' ')}`;
/** What a file name may not hold on some system is a space there. */
const onDisk = (name: string): string =>
  name
    .replace(/[<>:"/\\|?*]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

const plan = planEdit(
  names.map((name) => ({
    title: name,
    prompt: `Prompt of ${name}`,
    fields: { scene: `INT. ${name}`, number: '7', dialogue: `MIA: I said ${name}`, notes: `Note ${name}` },
    frameCount: 9,
    recipe: { chunks: 1, transition: 'automatic' as const },
  })),
  { title, size: { width: 40, height: 24 }, modelFps: 8, fps: 24 },
);
const frames: ShotFrames[] = names.map(() => ({ head: 0, shown: 9, tail: 0 }));

async function pdfText(path: string): Promise<string> {
  const pdf = await getDocument({ data: new Uint8Array(readFileSync(path)), verbosity: 0 }).promise;
  const pages = await Promise.all(
    Array.from({ length: pdf.numPages }, async (_, i) => (await (await pdf.getPage(i + 1)).getTextContent()).items),
  );
  return pages
    .flat()
    .map((item) => ('str' in item ? item.str : ''))
    .join('');
}

/** Everything that a parsed file says, attributes and texts. */
function sayings(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.values(value).flatMap(sayings);
}

const xml = (path: string): string[] =>
  sayings(new XMLParser({ ignoreAttributes: false, parseAttributeValue: false }).parse(readFileSync(path, 'utf8')));

/** What each format says of the four shots, by a reader that is not ours; by id, so that no format is left out. */
const readers: Readonly<Record<string, (path: string) => Promise<void> | void>> = {
  mp4: async (path) => {
    const film = await verifyFilm(path);
    expect(film.title).toBe(title);
    expect(film.chapters.map((chapter) => chapter.title)).toEqual(names.map((name) => `7 ${name}`));
  },
  pdf: async (path) => {
    // Words may be broken over lines; which signs a font has is the machine's.
    const text = (await pdfText(path)).replace(/\s+/g, '');
    for (const part of ['Mia&"Bär"<100%>', 'Коти', "It's:50%off/half", 'Family']) expect(text).toContain(part);
  },
  'contact-sheet': async (path) => expect((await loadImage(readFileSync(path))).width).toBeGreaterThan(40),
  otio: (path) => {
    const { name, tracks } = JSON.parse(readFileSync(path, 'utf8'));
    expect(name).toBe(title);
    const clips: { readonly name: string }[] = tracks.children[0].children;
    expect(clips.map((clip) => clip.name)).toEqual(names.map((name) => `7 ${name}`));
  },
  fcpxml: (path) => {
    const said = xml(path);
    for (const name of names) expect(said).toContain(`7 ${name}`);
    expect(said).toContain(title);
  },
  fcp7: (path) => {
    const said = xml(path);
    for (const name of names) expect(said).toContain(`7 ${name}`);
    expect(said).toContain(title);
  },
  edl: (path) => {
    const text = readFileSync(path, 'latin1');
    // ASCII alone: letters are written in Latin ones, nothing is lost silently.
    expect(text).toMatch(/^[\x20-\x7e\r\n]*$/);
    expect(text).toContain('FROM CLIP NAME: 7 Mia & "Bar" <100 %>');
    expect(text).toMatch(/FROM CLIP NAME: 7 Kot i M/);
  },
  clips: async (path) => {
    const files = readdirSync(path).sort();
    expect(files).toEqual(names.map((name, i) => `00${i + 1} shot 7 ${onDisk(name)}.mp4`));
    for (const [i, file] of files.entries()) {
      const film = await verifyFilm(join(path, file));
      expect([film.frameCount, film.title]).toEqual([27, `${title}: ${names[i]}`]);
    }
  },
  png: (path) =>
    expect(readdirSync(path).sort()).toEqual(names.map((name, i) => `00${i + 1} shot 7 ${onDisk(name)}.png`)),
  'png-sequence': (path) => expect(readdirSync(path)).toHaveLength(names.length * 9),
  gif: (path) => expect(new omggif.GifReader(readFileSync(path)).numFrames()).toBe(names.length * 9),
  webp: async (path) => expect((await loadImage(readFileSync(path))).width).toBeGreaterThan(40),
  html: async (path) => {
    const page = readFileSync(path, 'utf8');
    const film = /data:video\/mp4;base64,([A-Za-z0-9+/=]+)/.exec(page)?.[1] ?? '';
    let count = 0;
    writeFileSync(`${path}.mp4`, Buffer.from(film, 'base64'));
    for await (const _ of decodeFilm(`${path}.mp4`)) count++;
    expect(count).toBe(names.length * 27);
    const said = sayings(
      new XMLParser({ htmlEntities: true }).parse(page.slice(page.indexOf('<ol>'), page.indexOf('</ol>') + 5)),
    ).join(' ');
    for (const name of names) expect(said).toContain(name);
  },
  srt: (path) => {
    const cues = parseSync(readFileSync(path, 'utf8')).flatMap((cue) => (cue.type === 'cue' ? [cue.data.text] : []));
    expect(cues.map((text) => text.replace(/\s+/g, ' '))).toEqual(
      names.map((name) => expect.stringContaining(`I said ${name}`)),
    );
  },
  fountain: (path) => {
    const { tokens } = new Fountain().parse(readFileSync(path, 'utf8'), true);
    const said = (tokens ?? []).map(({ text }) => text ?? '').join('\n');
    for (const name of names) expect(said.replaceAll('\\', '')).toContain(`I said ${name}`.replaceAll('\\', ''));
  },
  text: (path) => {
    const text = readFileSync(path, 'utf8');
    for (const name of names) expect(text).toContain(`Prompt of ${name}`);
    expect(text).toContain(title);
  },
  json: (path) => {
    const story = JSON.parse(readFileSync(path, 'utf8'));
    expect(story.title).toBe(title);
    expect(story.shots.map((shot: { prompt: string }) => shot.prompt)).toEqual(
      names.map((name) => `Prompt of ${name}`),
    );
  },
};

test('there is a reader of every format', () =>
  expect(Object.keys(readers).sort()).toEqual(exportFormats.map(({ id }) => id).sort()));

test.each(exportFormats.map(({ id }) => id))('names of every kind come through %s', async (id) => {
  const folder = join(mkdtempSync(join(tmpdir(), 'throughline-names-')), 'Ordner mit 猫 & 🐻');
  onTestFinished(() => rmSync(join(folder, '..'), { recursive: true, force: true }));
  mkdirSync(folder);
  const format = formatNamed(id);
  const target = await lookAtTarget(join(folder, `Фильм "of" 猫 👩‍👩‍👧${format.ending}`.replaceAll('"', '')), true);
  const options = {};
  let place: string;
  if (format.needs === 'plan') {
    place = await writeFileAtomically(target, format.write({ plan, options }));
  } else {
    const source = { width: 40, height: 24, fps: 8 };
    const sink = await format.open({ target, plan, options, source, frames });
    const rgb = new Uint8Array(source.width * source.height * 3).fill(90);
    for (const [shot, { shown }] of frames.entries()) {
      for (let i = 0; i < shown; i++) await sink.add({ rgb, shot, part: 'shown' });
    }
    place = (await sink.finish()).path;
  }
  expect(statSync(place).isDirectory()).toBe(format.ending === '');
  await readers[id]?.(place);
});
