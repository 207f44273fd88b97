import { type EditPlan, type EditShot, type EditSound, shotName } from '../../../shared/edit/edit-plan.ts';
import { timecodeOf } from '../../../shared/edit/timecode.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { asciiOf } from './ascii.ts';
import { shotComment } from './describe-shot.ts';

/** More events than this have no number. */
const mostEvents = 9999;
/** Columns of a line. */
const columns = 80;

/**
 * An edit decision list in CMX 3600: an event a shot, cuts only, non-drop timecode. The format knows ASCII alone, so names are
 * transliterated. Reel is `AX` (auxiliary), as for files; the file's name stands in `FROM CLIP NAME`, the prompt and the fields
 * in comments, and a `LOC` marker stands at each shot's first frame. Sounds follow as audio events. Lines have at most 80
 * columns, so long comments take several; a file's name alone may be longer, since other programs find the file by it.
 * @throws ThroughlineError `bad-input` for more events than have numbers
 */
export function writeEdl(plan: EditPlan): string {
  const { fps, startTimecodeFrame } = plan;
  const tc = (frame: number): string => timecodeOf(frame, fps);
  const lines = [line(`TITLE: ${plan.title || 'Untitled'}`), 'FCM: NON-DROP FRAME', ''];
  const shown = plan.shots.map((shot, index) => ({ shot, index })).filter(({ shot }) => shot.frameCount > 0);
  const events = shown.length + plan.sounds.length;
  if (events > mostEvents) {
    throw new ThroughlineError(
      'bad-input',
      `This film has ${events} shots${plan.sounds.length > 0 ? ' and sounds' : ''}; an EDL numbers up to ${mostEvents}.`,
      'Export OpenTimelineIO or FCPXML, or a part of the film.',
    );
  }
  for (const [i, { shot, index }] of shown.entries()) lines.push(...event(i + 1, shot, index));
  for (const [i, sound] of plan.sounds.entries()) lines.push(...soundEvent(shown.length + i + 1, sound));
  return `${lines.join('\r\n')}\r\n`;

  /** Both channels of a recording; its loudness has no place in the format and stands in a comment. */
  function soundEvent(number: number, { name, file, gainDb, ...at }: EditSound): string[] {
    const record = startTimecodeFrame + at.startFrame;
    const source = at.sourceStartFrame;
    const times = [source, source + at.frameCount, record, record + at.frameCount].map(tc).join(' ');
    return [
      `${String(number).padStart(3, '0')}  AX       AA    C        ${times}`,
      `* FROM CLIP NAME: ${asciiOf(file.split('/').at(-1) ?? name)}`,
      ...(gainDb === 0 ? [] : [line(`* COMMENT: GAIN ${gainDb} DB`)]),
      '',
    ];
  }

  function event(number: number, shot: EditShot, index: number): string[] {
    const source = shot.media?.startFrame ?? 0;
    const record = startTimecodeFrame + shot.startFrame;
    const times = [source, source + shot.frameCount, record, record + shot.frameCount].map(tc).join(' ');
    const name = `${shotName(shot, index)} ${shot.title}`;
    return [
      `${String(number).padStart(3, '0')}  AX       V     C        ${times}`,
      `* FROM CLIP NAME: ${asciiOf(shot.media?.file.split('/').at(-1) ?? name).trim()}`,
      line(`* LOC: ${tc(record)} GREEN   ${name}`),
      ...shotComment(shot)
        .split('\n')
        .filter((text) => text !== '')
        .flatMap(comments),
      '',
    ];
  }
}

/** One line, its end left off where it is too long. */
function line(text: string): string {
  return asciiOf(text).slice(0, columns).trim();
}

/** A text as comments of at most 80 columns each, broken between words where there are any. */
function comments(text: string): string[] {
  const mark = '* COMMENT: ';
  const room = columns - mark.length;
  const broken = new RegExp(`(.{1,${room}})(?:\\s+|$)|(.{${room}})`, 'g');
  return Array.from(asciiOf(text).trim().matchAll(broken), ([, words, part]) => mark + (words ?? part ?? ''));
}
