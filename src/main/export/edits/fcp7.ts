import { type EditPlan, type EditShot, type EditSound, framesOf, shotName } from '../../../shared/edit/edit-plan.ts';
import { timecodeOf } from '../../../shared/edit/timecode.ts';
import { shotComment } from './describe-shot.ts';
import { relativeUrl } from './media-path.ts';
import { element, xmlDocument } from './xml.ts';

type Element = ReturnType<typeof element>;

/**
 * Final Cut Pro 7 XML (xmeml version 5), which Premiere Pro and Resolve open: a clip item a shot, a marker with the prompt and
 * the fields, an audio track a sound. A file is described where it is used first and named by its id afterwards.
 */
export function writeFcp7(plan: EditPlan): string {
  const { fps, size, startTimecodeFrame } = plan;
  const text = (name: string, value: string | number): Element => element(name, {}, value);
  const rate = (): Element => element('rate', {}, text('timebase', fps), text('ntsc', 'FALSE'));
  const files = new Map<string, string>();

  const pictures = plan.shots.flatMap((shot, i) => (shot.frameCount > 0 ? [shotItem(shot, i)] : []));
  const sounds = plan.sounds.map((sound, i) => element('track', {}, soundItem(sound, i)));
  return xmlDocument(
    'xmeml',
    element(
      'xmeml',
      { version: 5 },
      element(
        'sequence',
        { id: 'sequence-1' },
        text('name', plan.title),
        text('duration', framesOf(plan)),
        rate(),
        element(
          'timecode',
          {},
          rate(),
          text('string', timecodeOf(startTimecodeFrame, fps)),
          text('frame', startTimecodeFrame),
          text('displayformat', 'NDF'),
        ),
        element(
          'media',
          {},
          element('video', {}, element('format', {}, pictureFormat()), element('track', {}, ...pictures)),
          element('audio', {}, ...sounds),
        ),
      ),
    ),
  );

  function pictureFormat(): Element {
    return element(
      'samplecharacteristics',
      {},
      rate(),
      text('width', size.width),
      text('height', size.height),
      text('pixelaspectratio', 'square'),
      text('fielddominance', 'none'),
    );
  }

  function shotItem(shot: EditShot, index: number): Element {
    const start = shot.media?.startFrame ?? 0;
    const name = `${shotName(shot, index)} ${shot.title}`.trim();
    return element(
      'clipitem',
      { id: `shot-${index + 1}` },
      text('name', name),
      text('enabled', 'TRUE'),
      text('duration', shot.media?.frameCount ?? shot.frameCount),
      rate(),
      text('start', shot.startFrame),
      text('end', shot.startFrame + shot.frameCount),
      text('in', start),
      text('out', start + shot.frameCount),
      shot.media ? file(shot.media.file, shot.media.frameCount, element('video', {}, pictureFormat())) : null,
      element('marker', {}, text('name', name), text('comment', shotComment(shot)), text('in', start), text('out', -1)),
    );
  }

  function soundItem(sound: EditSound, index: number): Element {
    return element(
      'clipitem',
      { id: `sound-${index + 1}` },
      text('name', sound.name),
      text('enabled', 'TRUE'),
      text('duration', sound.sourceFrames),
      rate(),
      text('start', sound.startFrame),
      text('end', sound.startFrame + sound.frameCount),
      text('in', sound.sourceStartFrame),
      text('out', sound.sourceStartFrame + sound.frameCount),
      file(
        sound.file,
        sound.sourceFrames,
        element(
          'audio',
          {},
          element('samplecharacteristics', {}, text('depth', 16), text('samplerate', 48000)),
          text('channelcount', 2),
        ),
      ),
      element('sourcetrack', {}, text('mediatype', 'audio'), text('trackindex', 1)),
      sound.gainDb === 0 ? null : level(sound.gainDb),
    );
  }

  function file(path: string, frames: number, media: Element): Element {
    const known = files.get(path);
    if (known) return element('file', { id: known });
    const id = `file-${files.size + 1}`;
    files.set(path, id);
    return element(
      'file',
      { id },
      text('name', path.split('/').at(-1) ?? path),
      text('pathurl', relativeUrl(path)),
      rate(),
      text('duration', frames),
      element('media', {}, media),
    );
  }

  /** The format counts loudness as a factor. */
  function level(gainDb: number): Element {
    return element(
      'filter',
      {},
      element(
        'effect',
        {},
        text('name', 'Audio Levels'),
        text('effectid', 'audiolevels'),
        text('effectcategory', 'audiolevels'),
        text('effecttype', 'audiolevels'),
        text('mediatype', 'audio'),
        element(
          'parameter',
          {},
          text('parameterid', 'level'),
          text('name', 'Level'),
          text('value', (10 ** (gainDb / 20)).toFixed(6)),
        ),
      ),
    );
  }
}
