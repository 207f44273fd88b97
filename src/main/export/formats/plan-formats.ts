import { z } from 'zod';
import type { EditPlan } from '../../../shared/edit/edit-plan.ts';
import { withMedia } from '../../../shared/edit/edit-plan.ts';
import { editRates } from '../../../shared/edit/frame-rate.ts';
import { writeEdl } from '../edits/edl.ts';
import { writeFcp7 } from '../edits/fcp7.ts';
import { writeFcpxml } from '../edits/fcpxml.ts';
import { writeOtio } from '../edits/otio.ts';
import { writeFountain } from '../scripts/fountain.ts';
import { writePlainText } from '../scripts/plain-text.ts';
import { writeStoryJson } from '../scripts/story-json.ts';
import { cuesOf, writeSrt } from '../scripts/subtitles.ts';
import { filmOptions } from './film-options.ts';
import { filmSizeOf } from './film-sink.ts';
import type { PlanFormat } from './format.ts';

/** What edits of other programs are told of the pictures. */
const editOptions = z.strictObject({
  /** A film file that the edit's clips lie in, relative to the edit; empty: the edit goes out without pictures. */
  media: z.string().max(1000).default(''),
  /** As the film's own: the edit's pictures are as large as the film that it names. */
  height: filmOptions.shape.height,
  aspect: filmOptions.shape.aspect,
});
type EditOptions = z.infer<typeof editOptions>;

const noOptions = z.strictObject({});

function edit(
  id: string,
  label: string,
  ending: string,
  mime: string,
  write: (plan: EditPlan) => string,
): PlanFormat<EditOptions> {
  return {
    ...{ id, label, ending, mime, defaultFps: editRates[0], needs: 'plan', hasSounds: true, options: editOptions },
    write: ({ plan, options }) => {
      const { media } = options;
      const sized = { ...plan, size: filmSizeOf(plan.size, options) };
      return write(media === '' ? sized : withMedia(sized, { kind: 'film', file: media }));
    },
  };
}

function script(
  id: string,
  label: string,
  ending: string,
  mime: string,
  write: (plan: EditPlan) => string,
): PlanFormat<Record<string, never>> {
  return {
    ...{ id, label, ending, mime, defaultFps: null, needs: 'plan', options: noOptions },
    write: ({ plan }) => write(plan),
  };
}

export const otio = edit('otio', 'OpenTimelineIO', '.otio', 'application/json', writeOtio);
export const fcpxml = edit('fcpxml', 'Final Cut Pro, Resolve (FCPXML)', '.fcpxml', 'application/xml', writeFcpxml);
export const fcp7 = edit('fcp7', 'Premiere Pro (Final Cut Pro 7 XML)', '.xml', 'application/xml', writeFcp7);
export const edl = edit('edl', 'Edit decision list (CMX 3600)', '.edl', 'text/plain', writeEdl);
export const srt: PlanFormat<Record<string, never>> = {
  ...script('srt', 'Subtitles (SRT)', '.srt', 'application/x-subrip', writeSrt),
  note: (plan) =>
    cuesOf(plan).length > 0
      ? null
      : 'No shot has dialogue, so the file is empty. Dialogue is written under Boards in the Shot panel, or comes with a screenplay.',
};
export const fountain = script('fountain', 'Script (Fountain)', '.fountain', 'text/plain', writeFountain);
export const json: PlanFormat<Record<string, never>> = {
  ...script('json', 'Story file (JSON)', '.json', 'application/json', writeStoryJson),
  hasPictures: true,
  note: ({ shots, footage: held }) => {
    const footage = shots[0]?.recipe?.footage;
    if (!footage) return null;
    const { name, chunks, begins } = footage;
    if (held)
      return held.chunks.length === chunks.length
        ? null
        : `Of the footage "${name}" the file holds the first ${held.chunks.length} of ${chunks.length} chunks: all of it is more than a story file can hold.`;
    const otherwise = begins ? ' Made from the file, the film begins otherwise.' : '';
    return `The footage "${name}" is not in the file: it is not in the project, or more than a story file can hold.${otherwise}`;
  },
};
export const text = script('text', 'Story (plain text)', '.txt', 'text/plain', writePlainText);
