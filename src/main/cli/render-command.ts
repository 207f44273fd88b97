import type { EditPlan } from '../../shared/edit/edit-plan.ts';
import type { ModelInfo } from '../../shared/render.ts';
import type { Report } from '../../shared/report.ts';
import { sampleOfFrame } from '../../shared/sound/frame-samples.ts';
import type { Story } from '../../shared/story.ts';
import { type Chapter, type FilmSummary, openFilm, writeContactSheet } from '../export/index.ts';
import { type Target, writeFileAtomically } from '../files/index.ts';
import { type RenderStoryOptions, renderStory } from '../studio/generation/render-story.ts';
import { checkStory, toldNotes, wordNotes } from '../studio/words/story-words.ts';
import { Vocabulary } from '../studio/words/vocabulary.ts';
import { SheetCollector } from './contact-sheet.ts';
import { measuredTime } from './duration.ts';
import { type FarmFlags, farmOf } from './farm-options.ts';
import { withFarm } from './farm-render.ts';
import { checkOutputs, type Outputs } from './outputs.ts';
import type { Progress } from './progress.ts';
import { type RenderFlags, toOverrides } from './render-options.ts';
import type { OwnedEngine, Services } from './services.ts';
import { openSoundFile, type SoundFile } from './sound-file.ts';
import { editOfStory, rangeOfStory, StoryFrames } from './story-edit.ts';
import { withStoryEngine } from './story-engine.ts';
import { assumedModel, chooseStory, readStoryFile } from './story-file.ts';
import { type PictureFlags, pictureObjection, StoryPictures } from './story-pictures.ts';
import type { Terminal } from './terminal.ts';

export interface RenderCommand {
  readonly storyPath: string;
  readonly flags: RenderFlags & FarmFlags & PictureFlags;
  readonly terminal: Terminal;
  readonly services: Services;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** `throughline render`: a story to a film, with whatever else was asked for. Throws what a person should be told. */
export async function render(command: RenderCommand): Promise<void> {
  const { storyPath, flags, terminal, services, progress, signal } = command;
  const file = await readStoryFile(storyPath);
  const choose = (model: typeof assumedModel | ModelInfo) => chooseStory(file, flags, model);
  const note = (text: string) => {
    if (!flags.quiet) terminal.err(`${terminal.paintErr('warning', 'Note:')} ${text}\n`);
  };
  const { story: asWritten } = choose(assumedModel);
  farmOf(flags);
  const outputs = await checkOutputs(flags, storyPath, flags.model);
  const pictures = await StoryPictures.open(flags, file);
  const sound = flags.sound === undefined ? null : await openSoundFile(flags.sound, signal);

  try {
    const { pictureOf } = pictures;
    await withStoryEngine(
      { flags, story: asWritten, services, progress, signal, note, pictureOf },
      async (engine, store) => {
        const chosen = choose(engine.info);
        const { warnings } = chosen;
        const story = pictures.of(chosen.story);
        progress.clear();
        const objection = pictureObjection(story, engine.info, flags.policy);
        if (objection) note(objection);
        for (const warning of warnings) note(warning);
        const prompts = story.shots.map(({ prompt }) => prompt);
        for (const text of wordNotes(checkStory(Vocabulary.open(flags.model), prompts))) note(text);
        for (const text of toldNotes(story, engine.info)) note(text);
        const stage = (text: string): void => progress.stage(text);
        const made = await withFarm({ flags, engine, store, pictureOf, note, stage }, (makes) =>
          makeFilm(command, outputs, story, engine, makes, sound),
        );
        progress.clear();
        for (const text of made.notes) note(text);
        if (!flags.quiet) terminal.out(summary(made, terminal));
      },
    );
  } finally {
    await sound?.dispose();
  }
}

/** What a render wrote, and where. */
interface Results {
  readonly film: FilmSummary;
  readonly report: Report;
  readonly reportPath: string | null;
  readonly sheetPath: string | null;
  readonly notes: readonly string[];
}

async function makeFilm(
  { flags, progress, signal }: RenderCommand,
  outputs: Outputs,
  story: Story,
  engine: OwnedEngine,
  makes: Pick<RenderStoryOptions, 'maker' | 'store'>,
  heard: SoundFile | null,
): Promise<Results> {
  const { video } = engine.info;
  const range = rangeOfStory(story, engine.info, flags, null);
  const edit = editOfStory(story, engine.info, null, range);
  const places = new StoryFrames(edit);
  const writer = await openFilm({
    path: outputs.out,
    source: video,
    fps: video.fps,
    ...(flags.height ? { targetHeight: flags.height } : {}),
    metadata: { title: story.title, chapters: chapters(edit.plan) },
    ...(heard ? { sound: { ...heard.sound, fromSample: sampleOfFrame(range?.first ?? 0, video.fps) } } : {}),
    signal,
  });
  const collector = outputs.contactSheet ? new SheetCollector() : null;
  try {
    const report = await renderStory({
      story: edit.story,
      engine,
      ...makes,
      overrides: toOverrides(flags),
      signal,
      onEvent: progress.on,
      onChunk: async (chunk) => {
        const { frames, frameCount, plan } = chunk;
        const size = frames.length / frameCount;
        const shown = Array.from({ length: frameCount }, () => places.next(plan.shotIndex)?.part === 'shown');
        const [first, end] = [shown.indexOf(true), shown.lastIndexOf(true) + 1];
        if (first >= 0) await writer.addFrames(frames.subarray(first * size, end * size), end - first);
        collector?.add(chunk);
      },
    });
    progress.stage('finishing the film');
    const notes: string[] = [];
    /** The name that was asked for; where another file took it meanwhile, the one that ours got, and a word about it. */
    const named = (place: string, target: Target, asked: string): string => {
      if (place === target.path) return asked;
      notes.push(`another file appeared at ${asked} meanwhile; nothing was replaced, ours is ${place}`);
      return place;
    };
    let reportPath: string | null = null;
    if (flags.report && outputs.report) {
      const place = await writeFileAtomically(outputs.report, `${JSON.stringify(report)}\n`);
      reportPath = named(place, outputs.report, flags.report);
    }
    let sheetPath: string | null = null;
    if (flags.contactSheet && outputs.contactSheet && collector) {
      const sheet = await writeContactSheet(outputs.contactSheet, collector.sheet(report));
      if (sheet.note) notes.push(sheet.note);
      sheetPath = named(sheet.path, outputs.contactSheet, flags.contactSheet);
    }
    const film = await writer.finish();
    notes.push(...film.notes);
    return { film: { ...film, path: named(film.path, outputs.out, flags.out) }, report, reportPath, sheetPath, notes };
  } finally {
    await writer.abort();
  }
}

/** A chapter for each shot, named by its prompt. */
function chapters({ shots, fps }: EditPlan): Chapter[] {
  return shots
    .filter(({ frameCount }) => frameCount > 0)
    .map(({ title, startFrame }) => ({ title, startSec: startFrame / fps }));
}

function summary({ film, report, reportPath, sheetPath }: Results, { paint }: Terminal): string {
  const { totals } = report;
  const megabytes = (film.sizeBytes / 1e6).toFixed(1);
  const size = `${film.durationSec.toFixed(1)} s, ${film.width}x${film.height}, ${megabytes} MB`;
  const lines = [`${paint('good', film.path)}  ${size}`];
  const made = `${totals.made} ${totals.made === 1 ? 'chunk' : 'chunks'} made in ${measuredTime(totals.makingMs)}`;
  const speed = totals.realTimeFactor === null ? '' : ` (${totals.realTimeFactor.toFixed(2)} times real time)`;
  const stored = totals.stored > 0 ? `, ${totals.stored} from earlier runs` : '';
  lines.push(paint('faint', totals.made > 0 ? `${made}${speed}${stored}` : 'every chunk was there from earlier runs'));
  if (sheetPath) lines.push(`${paint('good', sheetPath)}  contact sheet`);
  if (reportPath) lines.push(`${paint('good', reportPath)}  read it with: throughline inspect ${reportPath}`);
  return `${lines.join('\n')}\n`;
}
