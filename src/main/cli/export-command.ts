import { readFile } from 'node:fs/promises';
import { ThroughlineError } from '../../shared/errors.ts';
import type { Story } from '../../shared/story.ts';
import { type AnyFormat, exportFormats, formatNamed, formatOfEnding, type Written } from '../export/index.ts';
import { type Target, writeFileAtomically } from '../files/index.ts';
import { stripOfKept } from '../footage/story-footage.ts';
import { withSounds } from '../studio/export/film-sound.ts';
import { type ModelTiming, modelTiming } from '../studio/export/model-timing.ts';
import { type FilmFiles, withPictureData } from '../studio/export/plan-pictures.ts';
import { renderStory } from '../studio/generation/render-story.ts';
import { toldNotes } from '../studio/words/story-words.ts';
import { type ExportCommand, type ExportFlags, formatOptions, fpsOf } from './export-options.ts';
import { exportProject } from './export-project.ts';
import { farmOf } from './farm-options.ts';
import { withFarm } from './farm-render.ts';
import { OutputGuard } from './outputs.ts';
import { openSoundFile, type SoundFile } from './sound-file.ts';
import { editOfStory, rangeOfStory, type StoryEdit, StoryFrames } from './story-edit.ts';
import { sizesOf, withStoryEngine } from './story-engine.ts';
import { assumedModel, chooseStory, readStoryFile, type StoryFile } from './story-file.ts';
import { StoryPictures } from './story-pictures.ts';
import { mediaBeside, soundOfStory } from './story-sound.ts';

/** `throughline export`: a story or a project in any format. What is missing of a story is made first. */
export async function exportCommand(command: ExportCommand): Promise<void> {
  const { path, flags, terminal } = command;
  const format = flags.format === undefined ? formatOfEnding(flags.out) : formatNamed(flags.format);
  if (format.ending !== '' && !flags.out.toLowerCase().endsWith(format.ending)) {
    throw new ThroughlineError(
      'bad-input',
      `--out takes a name ending in ${format.ending} for ${format.id}, not ${flags.out}`,
      'Change the ending.',
    );
  }
  const options = formatOptions(await withLogo(flags));
  format.check(options);
  requireSoundsPlace(command, format);
  requireSizePlace(command);
  requireFarmPlace(command, format);
  const written = path.endsWith('.throughline')
    ? await exportProject(command, format, options)
    : [await exportStory(command, format, options)];
  for (const text of new Set(written.flatMap(({ notes }) => notes))) note(command, text);
  if (flags.quiet) return;
  for (const { path: place } of written) terminal.out(`${terminal.paint('good', place)}  ${format.label}\n`);
}

async function exportStory(command: ExportCommand, format: AnyFormat, options: unknown): Promise<Written> {
  const { path, flags, signal } = command;
  const file = await readStoryFile(path);
  const guard = await OutputGuard.of(path, flags.model);
  if (flags.sound !== undefined) await guard.keep(flags.sound, 'the sound');
  const target = await guard.look('--out', flags.out);
  const sound = flags.sound === undefined ? null : await openSoundFile(flags.sound, signal);
  try {
    return await writeStory(command, { format, options, file, target, sound });
  } finally {
    await sound?.dispose();
  }
}

interface StoryExport {
  readonly format: AnyFormat;
  readonly options: unknown;
  readonly file: StoryFile;
  readonly target: Target;
  readonly sound: SoundFile | null;
}

async function writeStory(command: ExportCommand, exported: StoryExport): Promise<Written> {
  const { flags, services, progress, signal } = command;
  const { format, options, file, target, sound } = exported;
  if (format.needs === 'plan') {
    const written = await modelTiming(flags.model);
    const { story, warnings } = chooseStory(file, flags, written);
    const model = await atSizeOf(written, flags, story);
    for (const warning of warnings) note(command, warning);
    const edit = editOf(story, model, flags, format);
    const heard = sound && soundOfStory(sound, edit, model);
    const sounding = heard ? withSounds(edit.plan, heard.sounds, () => mediaBeside(target, sound)) : edit.plan;
    const plan = format.hasPictures ? await withPictureData(sounding, filesOf(file)) : sounding;
    return { path: await writeFileAtomically(target, format.write({ plan, options })), notes: format.notes(plan) };
  }
  const tell = (text: string): void => note(command, text);
  const { story: asWritten } = chooseStory(file, flags, assumedModel);
  const { pictureOf } = await StoryPictures.open({}, file);
  const opened = { flags, story: asWritten, services, progress, signal, note: tell, pictureOf };
  return withStoryEngine(opened, async (engine, store) => {
    const { story, warnings } = chooseStory(file, flags, engine.info);
    progress.clear();
    for (const warning of [...warnings, ...toldNotes(story, engine.info)]) tell(warning);
    const edit = editOf(story, engine.info, flags, format);
    const { plan, frames } = edit;
    const places = new StoryFrames(edit);
    const sink = await format.open({
      ...{ target, plan, options, signal, source: engine.info.video, frames },
      ...(sound ? { sound: soundOfStory(sound, edit, engine.info) } : {}),
    });
    try {
      const stage = (text: string): void => progress.stage(text);
      await withFarm({ flags, engine, store, pictureOf, note: tell, stage }, (makes) =>
        renderStory({
          story: edit.story,
          engine,
          ...makes,
          signal,
          onEvent: progress.on,
          onChunk: async ({ plan: chunk, frames: rgb, frameCount }) => {
            const size = rgb.length / frameCount;
            for (let i = 0; i < frameCount; i++) {
              const place = places.next(chunk.shotIndex);
              if (place) await sink.add({ rgb: rgb.subarray(i * size, (i + 1) * size), ...place });
            }
          },
        }),
      );
      progress.stage('finishing the export');
      return await sink.finish();
    } finally {
      await sink.abort();
    }
  });
}

/** The pictures and the footage that the story names. */
function filesOf({ pictures, footage }: StoryFile): FilmFiles {
  const kept = [...(pictures?.values() ?? [])].flatMap((found) => ('asset' in found ? [found] : []));
  return {
    pictureOf: async (asset) => kept.find((picture) => picture.asset === asset)?.png ?? null,
    stripOf: async (clip, chunk) => (footage?.asset === clip ? stripOfKept(footage, chunk) : null),
  };
}

/** With the frames that the model would be loaded for. */
async function atSizeOf(timing: ModelTiming, flags: ExportFlags, story: Story): Promise<ModelTiming> {
  const sizes = sizesOf(flags, story);
  if (Object.keys(sizes).length === 0) return timing;
  const { pictureSizeAt } = await import('../engine/models.ts');
  return { ...timing, video: { ...timing.video, ...pictureSizeAt(flags.model, sizes) } };
}

/** What of the story is wanted, trimmed, and at the rate that was asked for. */
function editOf(story: Story, model: ModelTiming, flags: ExportFlags, format: AnyFormat): StoryEdit {
  if (flags.cut !== undefined || flags.everyCut) {
    throw new ThroughlineError('bad-input', 'A story has one cut.', 'Give --cut and --every-cut with a project.');
  }
  const fps = fpsOf(flags, format);
  return editOfStory(story, model, fps, rangeOfStory(story, model, flags, fps));
}

/** @throws ThroughlineError `bad-input` for half of a farm, and for a farm where nothing is to be made */
function requireFarmPlace({ flags }: ExportCommand, { id, needs }: AnyFormat): void {
  if (farmOf(flags) === null || needs !== 'plan') return;
  throw new ThroughlineError(
    'bad-input',
    `The ${id} format needs no pictures, so --farm has no place in it.`,
    'Leave it out.',
  );
}

/** @throws ThroughlineError `bad-input` for a frame size where nothing is drawn */
function requireSizePlace({ path, flags }: ExportCommand): void {
  if (!path.endsWith('.throughline')) return;
  if (flags.prompts !== undefined) {
    throw new ThroughlineError(
      'bad-input',
      'A project says itself what the model is told of its prompts, so --prompts cannot be given with one.',
      'Leave it out, or change it in the editor.',
    );
  }
  if (flags.size === undefined) return;
  throw new ThroughlineError(
    'bad-input',
    'What a project holds is made already, at its own frame size, so --size cannot be given with one.',
    'Leave it out. --height enlarges a film.',
  );
}

/** @throws ThroughlineError `bad-input` for a recording where none can go */
function requireSoundsPlace({ path, flags }: ExportCommand, { id, hasSounds }: AnyFormat): void {
  if (flags.sound === undefined) return;
  if (path.endsWith('.throughline')) {
    throw new ThroughlineError(
      'bad-input',
      'A project has its own sounds, so --sound cannot be given with one.',
      'Add the recording to the project in the editor.',
    );
  }
  if (hasSounds) return;
  const names = exportFormats.filter((format) => format.hasSounds).map((format) => format.id);
  throw new ThroughlineError(
    'bad-input',
    `The ${id} format has no sound, so --sound has no place in it.`,
    `Leave --sound out, or choose one of: ${names.join(', ')}.`,
  );
}

function note({ flags, terminal }: ExportCommand, text: string): void {
  if (!flags.quiet) terminal.err(`${terminal.paintErr('warning', 'Note:')} ${text}\n`);
}

/** Formats take a logo as data, so that nothing but the command line reads files for them. */
async function withLogo(flags: ExportFlags): Promise<ExportFlags> {
  if (flags.logo === undefined) return flags;
  const type = /\.png$/i.test(flags.logo) ? 'png' : /\.jpe?g$/i.test(flags.logo) ? 'jpeg' : null;
  if (type === null) {
    throw new ThroughlineError('bad-input', `--logo takes a .png or .jpg, not ${flags.logo}`, 'Convert it first.');
  }
  try {
    return { ...flags, logo: `data:image/${type};base64,${(await readFile(flags.logo)).toString('base64')}` };
  } catch (cause) {
    throw new ThroughlineError('bad-input', `--logo: cannot read ${flags.logo}`, 'Is it there?', { cause });
  }
}
