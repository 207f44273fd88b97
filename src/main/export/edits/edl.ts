import { type EditPlan, type EditShot, shotName } from '../../../shared/edit/edit-plan.ts';
import { timecodeOf } from '../../../shared/edit/timecode.ts';
import { asciiOf } from './ascii.ts';
import { shotComment } from './describe-shot.ts';

/** What an event number and a line can hold. */
const mostEvents = 9999;
const longestLine = 250;

/**
 * An edit decision list in CMX 3600: an event a shot, cuts only, non-drop timecode. The format knows ASCII alone, so names are
 * transliterated. Reel is `AX` (auxiliary), as for files; the file's name stands in `FROM CLIP NAME`, the prompt and the fields
 * in comments, and a `LOC` marker stands at each shot's first frame.
 */
export function writeEdl(plan: EditPlan): string {
  const { fps, startTimecodeFrame } = plan;
  const tc = (frame: number): string => timecodeOf(frame, fps);
  const lines = [`TITLE: ${line(plan.title || 'Untitled')}`, 'FCM: NON-DROP FRAME', ''];
  const shown = plan.shots.map((shot, index) => ({ shot, index })).filter(({ shot }) => shot.frameCount > 0);
  for (const [i, { shot, index }] of shown.slice(0, mostEvents).entries()) {
    lines.push(...event(i + 1, shot, index));
  }
  return `${lines.join('\r\n')}\r\n`;

  function event(number: number, shot: EditShot, index: number): string[] {
    const source = shot.media?.startFrame ?? 0;
    const record = startTimecodeFrame + shot.startFrame;
    const times = [source, source + shot.frameCount, record, record + shot.frameCount].map(tc).join(' ');
    const name = `${shotName(shot, index)} ${shot.title}`;
    return [
      `${String(number).padStart(3, '0')}  AX       V     C        ${times}`,
      `* FROM CLIP NAME: ${line(shot.media?.file.split('/').at(-1) ?? name)}`,
      `* LOC: ${tc(record)} GREEN   ${line(name)}`,
      ...shotComment(shot)
        .split('\n')
        .filter((text) => text !== '')
        .map((text) => `* COMMENT: ${line(text)}`),
      '',
    ];
  }
}

function line(text: string): string {
  return asciiOf(text).slice(0, longestLine).trim();
}
