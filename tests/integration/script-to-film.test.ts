import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BufferSource, Input, MP4 } from 'mediabunny';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { parseSync } from 'subtitle';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { verifyFilm } from '../../src/main/export/index.ts';
import { openSound } from '../../src/main/sound/index.ts';

const root = join(import.meta.dirname, '../..');
const model = join(root, 'tests/fixtures/reference-small');

// Every run starts an engine, and the machine may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let folder: string;
const at = (name: string) => join(folder, name);

/** Frames at 24 a second of the script's four shots, two chunks each, at the model's 8. */
const shotFrames = [63, 72, 72, 72];

/** `throughline export` of the script, in a process of its own. Resolves to what it said. */
async function exported(format: string, out: string, ...flags: string[]): Promise<string> {
  const args = [
    join(root, 'src/main/cli.ts'),
    'export',
    at('Zwei Besuche 猫.fountain'),
    '--format',
    format,
    '--out',
    at(out),
  ];
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [...args, '--model', model, '--cache', at('cache'), '--chunks-per-prompt', '2', ...flags],
    { env: { ...process.env, NO_COLOR: '1' } },
  );
  return stdout + stderr;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-walk-'));
  copyFileSync(join(root, 'tests/fixtures/stories/script.fountain'), at('Zwei Besuche 猫.fountain'));
  // Half a second: silence, and a click at 0.25 s.
  copyFileSync(join(root, 'tests/fixtures/sounds/click.wav'), at('Stimme 1 猫.wav'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a script and a recording go in; a film with sound, boards, an edit and subtitles of the same frames come out', async () => {
  const sound = ['--sound', at('Stimme 1 猫.wav')];
  const said = await exported('mp4', 'film 1.mp4', '--height', '96', '--fps', '24', ...sound);
  expect(said).toContain('Every frame is shown 3 times');
  const film = await verifyFilm(at('film 1.mp4'));
  const starts = shotFrames.map((_, i) => shotFrames.slice(0, i).reduce((sum, frames) => sum + frames, 0));
  expect(film.frameCount).toBe(279);
  expect(film.title).toBe('Two Visits');
  expect(film.chapters.map(({ title }) => title.split(' ')[0])).toEqual(['1', '1A', '2', '3']);
  expect(film.chapters.map(({ startSec }) => Math.round(startSec * 24))).toEqual(starts);

  const heard = await soundIn(at('film 1.mp4'));
  expect(heard).toMatchObject({ codec: 'aac', channels: 2, rate: 48_000 });
  // As long as the pictures, to a block of the coder's.
  expect(Math.abs(heard.lengthSec - 279 / 24)).toBeLessThan(1024 / 48_000);
  expect(Math.abs(heard.clickSec - 0.25)).toBeLessThan(0.002);
  if (hasProgram('ffprobe', '-version')) {
    const streams = JSON.parse(run('ffprobe', '-v', 'error', '-show_streams', '-of', 'json', at('film 1.mp4'))).streams;
    expect(streams.map(({ codec_type }: { codec_type: string }) => codec_type)).toEqual(
      expect.arrayContaining(['video', 'audio']),
    );
    const track = streams.find(({ codec_type }: { codec_type: string }) => codec_type === 'audio');
    expect(track).toMatchObject({ codec_name: 'aac', sample_rate: '48000', channels: 2 });
    expect(Math.abs(Number(track.duration) - 279 / 24)).toBeLessThan(1024 / 48_000);
  }

  await exported('pdf', 'boards.pdf', '--panels', '4');
  const pdf = await getDocument({ data: new Uint8Array(readFileSync(at('boards.pdf'))), verbosity: 0 }).promise;
  expect(pdf.numPages).toBe(1);
  const { items } = await (await pdf.getPage(1)).getTextContent();
  const text = items.map((item) => ('str' in item ? item.str : '')).join(' ');
  for (const words of [
    'Two Visits',
    'INT. KITCHEN - DAY',
    'EXT. BEACH - SUNSET',
    'ROBOT: (quietly) Is anybody here?',
    '1A',
  ]) {
    expect(text).toContain(words);
  }

  await exported('otio', 'cut.otio', '--media', 'film 1.mp4', '--height', '96', ...sound);
  const { tracks } = JSON.parse(readFileSync(at('cut.otio'), 'utf8'));
  const clips: readonly Clip[] = tracks.children[0].children;
  expect(clips.map(({ source_range: { start_time, duration } }) => [start_time.value, duration.value])).toEqual(
    shotFrames.map((frames, i) => [starts[i], frames]),
  );
  const media = clips.map(({ media_references }) => media_references.DEFAULT_MEDIA);
  expect(new Set(media.map(({ target_url }) => decodeURIComponent(target_url)))).toEqual(new Set(['film 1.mp4']));
  expect(media[0]?.available_range.duration.value).toBe(film.frameCount);
  const [recording] = tracks.children[1].children as readonly Clip[];
  expect(tracks.children[1].kind).toBe('Audio');
  expect(decodeURIComponent(recording?.media_references.DEFAULT_MEDIA.target_url ?? '')).toBe('Stimme 1 猫.wav');
  // Half a second at 24.
  expect(recording?.source_range).toMatchObject({ start_time: { value: 0 }, duration: { value: 12 } });

  await exported('srt', 'film.srt');
  const cues = parseSync(readFileSync(at('film.srt'), 'utf8')).flatMap((cue) => (cue.type === 'cue' ? [cue.data] : []));
  expect(cues.map((cue) => cue.text)).toEqual([expect.stringContaining('Is anybody here?')]);
  // Over its own shot, the first: 21 frames at 8 a second.
  expect(cues[0]?.end).toBeLessThanOrEqual(2625);
});

interface Clip {
  readonly source_range: Record<'start_time' | 'duration', { readonly value: number }>;
  readonly media_references: {
    readonly DEFAULT_MEDIA: {
      readonly target_url: string;
      readonly available_range: { readonly duration: { readonly value: number } };
    };
  };
}

test.skipIf(!hasProgram('pdftotext', '-v'))(
  'poppler reads the boards: every picture, every word, every font embedded',
  async () => {
    await exported('pdf', 'poppler.pdf', '--panels', '2', '--paper', 'letter', '--orientation', 'portrait');
    expect(run('pdfinfo', at('poppler.pdf'))).toMatch(/Title:\s+Two Visits[\s\S]*Pages:\s+2[\s\S]*612 x 792/);
    const words = run('pdftotext', '-layout', at('poppler.pdf'), '-').replace(/\s+/g, ' ');
    expect(words).toContain('ROBOT: (quietly) Is anybody here?');
    const pictures = run('pdfimages', '-list', at('poppler.pdf'))
      .split('\n')
      .filter((line) => /^\s+\d/.test(line));
    expect(pictures.length).toBeGreaterThanOrEqual(shotFrames.length);
    const fonts = run('pdffonts', at('poppler.pdf')).trim().split('\n').slice(2);
    expect(fonts.length).toBeGreaterThan(0);
    // Columns: name, type, encoding, embedded, subset, unicode, object.
    for (const line of fonts) expect(line).toMatch(/ yes +(yes|no) +(yes|no) +\d+ +\d+$/);
  },
);

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args).toString();
}

/** A film's sound as mediabunny and the native decoder read it, and where its click is. */
async function soundIn(path: string) {
  const input = new Input({ source: new BufferSource(readFileSync(path)), formats: [MP4] });
  const track = await input.getPrimaryAudioTrack();
  if (!track) throw new Error('there is no sound in the film');
  const { codec, numberOfChannels: channels, sampleRate: rate } = track;
  const lengthSec = await track.computeDuration();
  input.dispose();
  const bytes = new Uint8Array(readFileSync(path));
  const reader = await openSound({ sizeBytes: bytes.length, read: async (a, b) => bytes.slice(a, b) }, path);
  const samples: number[] = [];
  for await (const [left] of reader.blocks()) samples.push(...(left as Float32Array));
  reader.dispose();
  const clickSec = samples.findIndex((value) => Math.abs(value) > 0.1) / 48_000;
  return { codec, channels, rate, lengthSec, clickSec };
}

function hasProgram(name: string, flag: string): boolean {
  try {
    execFileSync(name, [flag], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
