import { ThroughlineError } from '../../shared/errors.ts';
import { requireEncoder } from '../../shared/footage.ts';
import {
  bestRows,
  type Comparison,
  cellText,
  columnsOf,
  comparisonCsv,
  comparisonTable,
  memoriesOf,
  nameOf,
} from '../../shared/lab/index.ts';
import { limits } from '../../shared/project/limits.ts';
import type { ModelInfo } from '../../shared/render.ts';
import type { Shot, Story } from '../../shared/story.ts';
import { type SheetContent, type SheetFrame, writeContactSheet } from '../export/index.ts';
import { mostFootage } from '../farm/index.ts';
import { type Target, writeFileAtomically } from '../files/index.ts';
import type { FilmChunk } from '../studio/generation/render-story.ts';
import { choiceOf, compareStory } from '../studio/lab/compare-story.ts';
import { toldNotes } from '../studio/words/story-words.ts';
import type { CompareFlags } from './compare-options.ts';
import { farmOf } from './farm-options.ts';
import { counted, withFarm } from './farm-render.ts';
import { Footage } from './footage.ts';
import { OutputGuard } from './outputs.ts';
import type { Progress } from './progress.ts';
import type { Services } from './services.ts';
import { StoryClip } from './story-clip.ts';
import { withStoryEngine } from './story-engine.ts';
import { assumedModel, chooseStory, readStoryFile } from './story-file.ts';
import { pictureObjection, StoryPictures } from './story-pictures.ts';
import type { Terminal } from './terminal.ts';

export interface CompareCommand {
  readonly storyPath: string;
  readonly flags: CompareFlags;
  readonly terminal: Terminal;
  readonly services: Services;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const noTimes =
  'There is no time a chunk: the farm’s workers made the chunks, and their times would compare machines, not memories.';

/** `throughline compare`: the same story under several memories, and a table of how they differ. */
export async function compare(command: CompareCommand): Promise<void> {
  const { storyPath, flags, terminal, services, progress, signal } = command;
  const file = await readStoryFile(storyPath);
  farmOf(flags);
  const guard = await OutputGuard.of(storyPath, flags.model);
  const place = async (option: string, path: string | undefined): Promise<Target | null> =>
    path === undefined ? null : guard.look(option, path);
  const targets = {
    csv: await place('--csv', flags.csv),
    json: await place('--json', flags.json),
    png: await place('--png', flags.png),
  };
  const note = (text: string): void => {
    if (!flags.quiet) terminal.err(`${terminal.paintErr('warning', 'Note:')} ${text}\n`);
  };
  const { story: asWritten } = chooseStory(file, flags, assumedModel);
  if (flags.given !== undefined && flags.footage === undefined)
    throw new ThroughlineError('bad-input', '--given says how many shots show footage.', 'Give --footage too.');
  const pictures = await StoryPictures.open({}, file);
  let footage: Footage | StoryClip | null = null;
  const pictureOf: typeof pictures.pictureOf = async (...asked) =>
    (await footage?.pictureOf(...asked)) ?? pictures.pictureOf(...asked);
  const opened = { flags, story: asWritten, services, progress, signal, note, pictureOf };
  await withStoryEngine(opened, async (engine, store) => {
    const { story: chosen, warnings } = chooseStory(file, flags, engine.info);
    const [begins, story] = withoutFootage(chosen);
    progress.clear();
    for (const warning of [...warnings, ...toldNotes(story, engine.info)]) note(warning);
    const memories = flags.memories ?? memoriesOf(engine.info);
    const choices = memories.map((memory) => choiceOf(memory, engine.info)); // before any work
    const objections = choices.map(({ policy }) => pictureObjection(story, engine.info, policy));
    const blind = memories.filter((_, i) => objections[i] !== null);
    if (blind.length > 0) note(`Under ${blind.map(nameOf).join(', ')} nothing is remembered of the story’s pictures.`);
    if (flags.footage !== undefined)
      footage = await Footage.open(flags.footage, story, flags.given ?? 1, engine.info, signal);
    else if (begins && file.footage) footage = new StoryClip(file.footage, begins.given);
    if (footage) {
      requireEncoder(engine.info);
      if (flags.farm !== undefined && footage.assets.length > mostFootage)
        throw new ThroughlineError(
          'bad-input',
          `${footage.assets.length} chunks show the footage, and a farm takes ${mostFootage} at most.`,
          'Give fewer shots with --given, or make it on this machine.',
        );
      if (footage.truthFrames === 0) note('The footage ends with what is given, so nothing is compared with it.');
    }
    const first = flags.seed ?? story.seed;
    const seeds = Array.from({ length: flags.seeds }, (_, i) => (first + i) % (limits.seed + 1));
    const stills = new Stills(engine.info);
    const stage = (text: string): void => progress.stage(text);
    const comparison = await withFarm({ flags, engine, store, pictureOf, note, stage }, ({ maker, store: kept }) =>
      compareStory({
        ...{ story, engine, store: kept, memories, seeds, signal },
        ...(maker ? { farm: maker } : {}),
        ...(footage ? { footage } : {}),
        ...(flags.returns ? { returns: flags.returns } : {}),
        onFarm: (missing) => progress.begin(`All films on the farm: ${counted(missing, 'chunk')} to make`),
        onFilm: (memory, seed, index, of) =>
          progress.begin(`${nameOf(memory)}, seed ${seed} (film ${index + 1} of ${of})`),
        onEvent: progress.on,
        onChunk: (memory, seed, chunk) => {
          if (targets.png && seed === seeds[0]) stills.add(memory, chunk);
        },
      }),
    );
    progress.clear();
    const written: string[] = [];
    if (targets.csv) written.push(await writeFileAtomically(targets.csv, comparisonCsv(comparison.films)));
    if (targets.json) written.push(await writeFileAtomically(targets.json, `${JSON.stringify(comparison)}\n`));
    if (targets.png) {
      const sheet = await writeContactSheet(targets.png, stills.sheet(comparison));
      if (sheet.note) note(sheet.note);
      written.push(sheet.path);
    }
    if (flags.quiet) return;
    terminal.out(comparisonText(comparison, terminal));
    if (flags.farm !== undefined) note(noTimes);
    for (const path of written) terminal.out(`${terminal.paint('good', path)}\n`);
  });
}

/** The footage that a story's films begin with here, and the story without it: a comparison says itself what is given. */
function withoutFootage(story: Story): readonly [Shot['footage'], Story] {
  const [first, ...others] = story.shots;
  if (!first?.footage) return [undefined, story];
  const { footage, ...shot } = first;
  return [footage, { ...story, shots: [shot, ...others] }];
}

/** The table, a row for each measure and a column for each memory, so that it fits a terminal. */
function comparisonText(comparison: Comparison, { paint }: Terminal): string {
  const table = comparisonTable(comparison.films);
  const several = new Set(comparison.films.map(({ seed }) => seed)).size > 1 || comparison.returns.length > 3;
  const notes = new Map<string, string[]>();
  const rows = columnsOf(comparison.films).map((column, i) => {
    const cells = table.map(({ cells }) => cells[i] ?? null);
    // Why no return was measured is said above the table.
    if (column.absent !== undefined && !column.id.startsWith('return') && cells.includes(null))
      notes.set(column.absent, [...(notes.get(column.absent) ?? []), column.title]);
    return {
      title: column.title,
      texts: cells.map((cell) => cellText(cell, column, several)),
      best: bestRows(cells, column),
    };
  });
  const titleWidth = Math.max(...rows.map(({ title }) => title.length));
  const widths = table.map(({ name }, i) => Math.max(name.length, ...rows.map(({ texts }) => texts[i]?.length ?? 0)));
  const lines = [
    paint('strong', comparison.story.title),
    returnsText(comparison),
    '',
    `${' '.repeat(titleWidth)}  ${table.map(({ name }, i) => name.padStart(widths[i] ?? 0)).join('  ')}`,
    ...rows.map(({ title, texts, best }) => {
      const cells = texts.map((text, i) => {
        const cell = text.padStart(widths[i] ?? 0);
        return best[i] ? paint('good', cell) : cell;
      });
      return `${title.padEnd(titleWidth)}  ${cells.join('  ')}`;
    }),
    ...(notes.size > 0 ? [''] : []),
    ...[...notes].map(([why, titles]) => `– (${titles.join(', ')}): ${why}`),
  ];
  return `${lines.join('\n')}\n`;
}

function returnsText({ returns }: Comparison): string {
  if (returns.length === 0) return 'Its prompts return to no place, so how well a place is kept was not measured.';
  const each = returns.map(({ place, shot, back }) => `${place} (shot ${shot + 1}, again in ${back + 1})`);
  return `It returns to: ${each.join('; ')}.`;
}

/** A frame of every shot under each memory. */
class Stills {
  readonly #size: ModelInfo['video'];
  readonly #frames = new Map<string, Map<number, Uint8Array>>();

  constructor({ video }: ModelInfo) {
    this.#size = video;
  }

  /** Of a shot's chunks, the last one's middle frame stays. */
  add(memory: string, { plan, frames, frameCount }: FilmChunk): void {
    const size = frames.length / frameCount;
    const from = Math.floor(frameCount / 2) * size;
    const shots = this.#frames.get(memory) ?? new Map<number, Uint8Array>();
    this.#frames.set(memory, shots);
    shots.set(plan.shotIndex, frames.slice(from, from + size));
  }

  sheet(comparison: Comparison): SheetContent {
    const { width, height } = this.#size;
    const table = comparisonTable(comparison.films);
    return {
      title: comparison.story.title,
      subtitle: [comparison.model.name, returnsText(comparison)].join(' · '),
      rows: table.map(({ memory, name, cells }) => ({
        number: ' ',
        caption: name,
        note: columnsOf(comparison.films)
          .flatMap((column, i) => (cells[i] ? [`${column.title} ${cellText(cells[i], column)}`] : []))
          .join(' · '),
        frames: [...(this.#frames.get(memory) ?? [])].map(
          ([shot, rgb]): SheetFrame => ({ rgb, width, height, label: `shot ${shot + 1}` }),
        ),
      })),
    };
  }
}
