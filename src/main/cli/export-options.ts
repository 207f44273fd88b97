import { InvalidArgumentError, Option } from 'commander';
import { editRates } from '../../shared/edit/frame-rate.ts';
import type { PromptTelling } from '../../shared/story.ts';
import {
  type AnyFormat,
  aspectNames,
  boardFieldNames,
  burnInNames,
  exportFormats,
  panelCounts,
} from '../export/index.ts';
import { type FarmFlags, farmOptions } from './farm-options.ts';
import type { Progress } from './progress.ts';
import {
  type Defaults,
  engineOptions,
  group,
  rangeOptions,
  soundOption,
  storyOptions,
  wholeNumber,
} from './render-options.ts';
import { required } from './required-option.ts';
import type { Services } from './services.ts';
import type { EngineFlags } from './story-engine.ts';
import type { Terminal } from './terminal.ts';

/** The options of `throughline export`, as commander hands them over. */
export interface ExportFlags extends EngineFlags, FarmFlags {
  /** Without it the ending of `out` says it. */
  readonly format?: string;
  readonly out: string;
  readonly fps?: number | 'own';
  readonly from?: string;
  readonly to?: string;
  readonly cut?: string;
  readonly everyCut?: boolean;
  readonly sound?: string;
  readonly story?: number;
  readonly chunksPerPrompt: number;
  readonly prompts?: PromptTelling;
  readonly quiet?: boolean;
  readonly height?: number;
  readonly frames?: 'repeat' | 'blend';
  readonly aspect?: string;
  readonly fit?: 'letterbox' | 'crop';
  readonly burnIn?: readonly string[];
  readonly media?: string;
  readonly paper?: string;
  readonly orientation?: string;
  readonly panels?: number;
  readonly pictures?: string;
  readonly fields?: readonly string[];
  readonly date?: string;
  readonly logo?: string;
}

/** What `throughline export` works with. */
export interface ExportCommand {
  /** A story, or a project. */
  readonly path: string;
  readonly flags: ExportFlags;
  readonly terminal: Terminal;
  readonly services: Services;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The rate asked for; null: the model's own. */
export function fpsOf({ fps }: ExportFlags, { defaultFps }: AnyFormat): number | null {
  return fps === 'own' ? null : (fps ?? defaultFps);
}

/** In the groups that `--help` shows, in its order. */
export function exportOptions(defaults: Defaults): Option[] {
  const ids = exportFormats.map(({ id }) => id);
  return [
    ...group('What to write:', [
      new Option('-f, --format <name>', 'how (default: what the ending of --out says)').choices(ids),
      required(new Option('-o, --out <file>', 'the file; for clips and pictures the folder')),
      new Option('--fps <rate>', `own, ${editRates.join(', ')} (default: own; for edits ${editRates[0]})`).argParser(
        rate,
      ),
      ...rangeOptions(),
      soundOption(),
      new Option('--cut <name>', 'which cut of a project (default: its first)'),
      new Option('--every-cut', 'each cut of a project in a file of its own'),
    ]),
    ...group('Films and pictures:', [
      new Option('--height <px>', 'enlarge to this height').argParser(wholeNumber(16, 4320)),
      new Option('--frames <how>', 'where --fps is not the model’s own').choices(['repeat', 'blend']),
      new Option('--aspect <ratio>', 'of the whole picture').choices(aspectNames),
      new Option('--fit <how>', 'how the picture fills another aspect').choices(['letterbox', 'crop']),
      new Option('--burn-in <list>', `drawn into the picture: ${burnInNames.join(',')}`).argParser(listOf(burnInNames)),
    ]),
    ...group('Boards:', [
      new Option('--panels <n>', 'panels on a page, or pictures of each shot').argParser(panels),
      new Option('--paper <size>', '').choices(['a4', 'letter']),
      new Option('--orientation <name>', '').choices(['portrait', 'landscape']),
      new Option('--pictures <which>', 'of each shot: its middle, or both its ends').choices(['middle', 'ends']),
      new Option('--fields <list>', boardFieldNames.join(',')).argParser(listOf(boardFieldNames)),
      new Option('--date <text>', 'printed in the header'),
      new Option('--logo <picture>', 'a PNG or JPEG for the header'),
    ]),
    ...group('Edits:', [
      new Option('--media <film.mp4>', 'the film that the edit’s clips lie in, relative to the edit'),
    ]),
    ...storyOptions(),
    ...engineOptions(defaults),
    ...farmOptions(),
  ];
}

/** What of the flags a format may know; the format refuses what it does not. */
export function formatOptions(flags: ExportFlags): Record<string, unknown> {
  const { height, frames, aspect, fit, burnIn, media, paper, orientation, panels, pictures, fields, date, logo } =
    flags;
  const all = { height, frames, aspect, fit, burnIn, media, paper, orientation, panels, pictures, fields, date, logo };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function rate(text: string): number | 'own' {
  const value = Number(text);
  if (text === 'own') return text;
  if (editRates.some((known) => known === value)) return value;
  throw new InvalidArgumentError(`It takes own, ${editRates.join(', ')}.`);
}

function panels(text: string): number {
  const count = panelCounts.find((known) => String(known) === text);
  if (count !== undefined) return count;
  throw new InvalidArgumentError(`It takes ${panelCounts.join(', ')}.`);
}

function listOf(names: readonly string[]): (text: string) => string[] {
  return (text) => {
    const given = text.split(',').map((name) => name.trim());
    const wrong = given.find((name) => !names.includes(name));
    if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of ${names.join(', ')}.`);
    return given;
  };
}
