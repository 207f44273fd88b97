import type { z } from 'zod';
import type { EditPlan } from '../../../shared/edit/edit-plan.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { pdfBoards } from '../boards/pdf-boards.ts';
import { contactSheet } from './contact-sheet.ts';
import { clips, html, mp4 } from './films.ts';
import type { ExportJob, FrameFormat, FrameJob, FrameSink, PlanFormat } from './format.ts';
import { gif } from './gif.ts';
import { ruleOf } from './option-rule.ts';
import { edl, fcp7, fcpxml, fountain, json, otio, srt, text } from './plan-formats.ts';
import { sequence, stills } from './stills.ts';
import { webp } from './webp.ts';

/** A format with its options parsed where it is used, so that all fit one list. */
export type AnyFormat = {
  readonly id: string;
  readonly label: string;
  readonly ending: string;
  readonly mime: string;
  readonly defaultFps: number | null;
  /** What is heard is in it, or its files are named. */
  readonly hasSounds: boolean;
  /** The pictures that its shots remember are in it, if the plan has them. */
  readonly hasPictures: boolean;
  /** Refuses options that do not fit, before any work. @throws ThroughlineError `bad-input` that names the option */
  check(options: unknown): void;
} & (
  | {
      readonly needs: 'plan';
      write(job: Pick<ExportJob<unknown>, 'plan' | 'options'>): string;
      /** What a person should know of the file. */
      notes(plan: EditPlan): readonly string[];
    }
  | { readonly needs: 'frames'; open(job: FrameJob<unknown>): Promise<FrameSink> }
);

/** Every export there is, in the order they are offered. Add one here; its code stands in a file of its own. */
export const exportFormats: readonly AnyFormat[] = [
  ofFrames(mp4),
  ofFrames(pdfBoards),
  ofFrames(contactSheet),
  ofPlan(otio),
  ofPlan(fcpxml),
  ofPlan(fcp7),
  ofPlan(edl),
  ofFrames(clips),
  ofFrames(stills),
  ofFrames(sequence),
  ofFrames(gif),
  ofFrames(webp),
  ofFrames(html),
  ofPlan(srt),
  ofPlan(fountain),
  ofPlan(text),
  ofPlan(json),
];

/** @throws ThroughlineError `bad-input` that names the formats there are */
export function formatNamed(id: string): AnyFormat {
  const format = exportFormats.find((candidate) => candidate.id === id);
  if (format) return format;
  const names = exportFormats.map((candidate) => candidate.id).join(', ');
  throw new ThroughlineError('bad-input', `There is no export format "${id}".`, `Choose one of: ${names}.`);
}

/**
 * The format that a file's ending stands for.
 * @throws ThroughlineError `bad-input` where it stands for none, or the name is a folder's
 */
export function formatOfEnding(path: string): AnyFormat {
  const format = exportFormats.find(({ ending }) => ending !== '' && path.toLowerCase().endsWith(ending));
  if (format) return format;
  const names = exportFormats.map(({ id }) => id).join(', ');
  throw new ThroughlineError(
    'bad-input',
    `The name ${path} does not say which format it shall have.`,
    `Add --format, one of: ${names}.`,
  );
}

function ofPlan<Options>(format: PlanFormat<Options>): AnyFormat {
  const { id, label, ending, mime, defaultFps, needs, hasSounds = false, hasPictures = false } = format;
  return {
    ...{ id, label, ending, mime, defaultFps, needs, hasSounds, hasPictures },
    check: (options) => void parsed(format, options),
    write: (job) => format.write({ ...job, options: parsed(format, job.options) }),
    notes: (plan) => [format.note?.(plan) ?? []].flat(),
  };
}

function ofFrames<Options>(format: FrameFormat<Options>): AnyFormat {
  const { id, label, ending, mime, defaultFps, needs, hasSounds = false, hasPictures = false } = format;
  return {
    ...{ id, label, ending, mime, defaultFps, needs, hasSounds, hasPictures },
    check: (options) => void parsed(format, options),
    open: async (job) => format.open({ ...job, options: parsed(format, job.options) }),
  };
}

function parsed<Options>({ id, options }: { id: string; options: z.ZodType<Options> }, given: unknown): Options {
  const result = options.safeParse(given ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const names = issue.keys.join(', ');
    throw new ThroughlineError('bad-input', `The ${id} export has no option ${names}.`, 'Leave it out.');
  }
  const name = String(issue?.path[0] ?? 'options');
  throw new ThroughlineError(
    'bad-input',
    `The option ${name} of the ${id} export ${issue ? ruleOf(issue) : 'is wrong'}.`,
    'Correct it, or leave it out.',
  );
}
