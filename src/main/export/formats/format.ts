import type { z } from 'zod';
import type { EditPlan } from '../../../shared/edit/edit-plan.ts';
import type { ShotFrames } from '../../../shared/trim.ts';
import type { Target } from '../../files/index.ts';
import type { PictureSize } from '../geometry.ts';
import type { FilmSound } from '../sound/mixer.ts';

/** What an export is made from. */
export interface ExportJob<Options> {
  /** Where the file goes, as it was when it was asked for; for formats of many files, the folder. */
  readonly target: Target;
  readonly plan: EditPlan;
  readonly options: Options;
  readonly signal?: AbortSignal | undefined;
}

/** An export that is given frames. */
export interface FrameJob<Options> extends ExportJob<Options> {
  /** The frames as they come: size in pixels, and the model's own rate in frames a second. */
  readonly source: PictureSize & { readonly fps: number };
  /** How many frames will come of each shot of the plan. */
  readonly frames: readonly ShotFrames[];
  /** What is heard, counted in samples from the first shown frame; left off: nothing. */
  readonly sound?: FilmSound | undefined;
}

/** Frames that a film shows in all. */
export function shownFramesOf(frames: readonly ShotFrames[]): number {
  return frames.reduce((sum, { shown }) => sum + shown, 0);
}

/** A frame of the film, in order: shots one after another, each with the handles that exist around what it shows. */
export interface FilmFrame {
  /** [source.height, source.width, 3], 0..255; read before `add` resolves, never kept. */
  readonly rgb: Uint8Array;
  /** Index of its shot in the plan. */
  readonly shot: number;
  /** `head` and `tail` exist but are trimmed off. */
  readonly part: 'head' | 'shown' | 'tail';
}

/** What an export wrote. */
export interface Written {
  /** Where it is: as asked for, or the next free name where something appeared there meanwhile. */
  readonly path: string;
  /** What a person should be told of it, each a sentence. */
  readonly notes: readonly string[];
}

/** Takes the frames of one film. End it with `finish` or `abort`. */
export interface FrameSink {
  /** Await each call before the next. On any error everything written so far is removed. */
  add(frame: FilmFrame): Promise<void>;
  /** Completes the export and puts it in its place. */
  finish(): Promise<Written>;
  /** Gives it up; what was there before stays. Idempotent. */
  abort(): Promise<void>;
}

interface FormatFacts<Options> {
  /** As the command line names it. */
  readonly id: string;
  /** As the screen names it. */
  readonly label: string;
  /** With its dot; empty for a folder of files. */
  readonly ending: string;
  readonly mime: string;
  /** Frames a second it is written at unless asked otherwise; null: the model's own. */
  readonly defaultFps: number | null;
  /** What is heard is in it, or its files are named. */
  readonly hasSounds?: boolean;
  /** The pictures that its shots remember are in it, if the plan has them. */
  readonly hasPictures?: boolean;
  /** Every option has a default. */
  readonly options: z.ZodType<Options>;
}

/** Written from the plan alone: no model is loaded, no picture read. */
export interface PlanFormat<Options> extends FormatFacts<Options> {
  readonly needs: 'plan';
  write(job: Pick<ExportJob<Options>, 'plan' | 'options'>): string;
  /** What a person should know of the file; null or absent for nothing. */
  note?(plan: EditPlan): string | null;
}

export interface FrameFormat<Options> extends FormatFacts<Options> {
  readonly needs: 'frames';
  /** @throws ThroughlineError `export-failed` if it cannot be begun there, `bad-input` for what the format cannot hold */
  open(job: FrameJob<Options>): Promise<FrameSink>;
}
