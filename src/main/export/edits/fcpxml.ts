import {
  type EditPlan,
  type EditShot,
  type EditSound,
  framesOf,
  shotName,
  shownShots,
} from '../../../shared/edit/edit-plan.ts';
import { shotComment } from './describe-shot.ts';
import { relativeUrl } from './media-path.ts';
import { element, xmlDocument } from './xml.ts';

type Element = ReturnType<typeof element>;

/**
 * FCPXML 1.10 for Final Cut Pro and DaVinci Resolve: a clip a shot on the primary storyline (a gap where its pictures are not
 * exported), a marker at each shot with the prompt and the fields, sounds as connected clips below. Times are fractions of a
 * second whose denominator is the frame rate, as the format asks.
 */
export function writeFcpxml(plan: EditPlan): string {
  const { fps, startTimecodeFrame } = plan;
  const time = (frames: number): string => (frames === 0 ? '0s' : `${frames}/${fps}s`);
  const shots = shownShots(plan);
  const assets = new Map<string, { id: string; node: Element }>();
  const assetOf = (file: string, frames: number, kind: 'video' | 'audio'): string => {
    const known = assets.get(file);
    if (known) return known.id;
    const id = `r${assets.size + 2}`;
    const streams =
      kind === 'video'
        ? { hasVideo: 1, videoSources: 1, format: 'r1' }
        : { hasAudio: 1, audioSources: 1, audioChannels: 2, audioRate: '48000' };
    const node = element(
      'asset',
      { id, name: file.split('/').at(-1), start: '0s', duration: time(frames), ...streams },
      element('media-rep', { kind: 'original-media', src: relativeUrl(file) }),
    );
    assets.set(file, { id, node });
    return id;
  };

  const story = shots.map((shot) => shotElement(shot, soundsOver(shot)));
  const { width, height } = plan.size;
  return xmlDocument(
    'fcpxml',
    element(
      'fcpxml',
      { version: '1.10' },
      element(
        'resources',
        {},
        element('format', {
          id: 'r1',
          name: 'FFVideoFormatRateUndefined',
          frameDuration: `1/${fps}s`,
          width,
          height,
          colorSpace: '1-1-1 (Rec. 709)',
        }),
        ...[...assets.values()].map(({ node }) => node),
      ),
      element(
        'library',
        {},
        element(
          'event',
          { name: plan.title },
          element(
            'project',
            { name: plan.title },
            element(
              'sequence',
              {
                format: 'r1',
                duration: time(framesOf(plan)),
                tcStart: time(startTimecodeFrame),
                tcFormat: 'NDF',
                audioLayout: 'stereo',
                audioRate: '48k',
              },
              element('spine', {}, ...story),
            ),
          ),
        ),
      ),
    ),
  );

  function shotElement(shot: EditShot, sounds: readonly EditSound[]): Element {
    const start = shot.media?.startFrame ?? 0;
    const name = `${shotName(shot, plan.shots.indexOf(shot))} ${shot.title}`.trim();
    const place = {
      name,
      offset: time(startTimecodeFrame + shot.startFrame),
      start: time(start),
      duration: time(shot.frameCount),
    };
    const marker = element('marker', {
      start: time(start),
      duration: time(1),
      value: name,
      // A line end in an attribute is read back as a space.
      note: shotComment(shot).replaceAll('\n', ' / ') || undefined,
    });
    const below = sounds.map((sound) => soundElement(sound, start + sound.startFrame - shot.startFrame));
    return shot.media
      ? element(
          'asset-clip',
          { ref: assetOf(shot.media.file, shot.media.frameCount, 'video'), ...place, tcFormat: 'NDF' },
          ...below,
          marker,
        )
      : element('gap', place, ...below, marker);
  }

  function soundElement(sound: EditSound, offset: number): Element {
    return element(
      'asset-clip',
      {
        ref: assetOf(sound.file, sound.sourceFrames, 'audio'),
        lane: -1 - plan.sounds.indexOf(sound),
        name: sound.name,
        offset: time(offset),
        start: time(sound.sourceStartFrame),
        duration: time(sound.frameCount),
        audioRole: 'dialogue',
      },
      sound.gainDb === 0 ? null : element('adjust-volume', { amount: `${sound.gainDb}dB` }),
    );
  }

  /** A sound hangs on the shot that it begins over; one that begins after the last hangs on the last. */
  function soundsOver(shot: EditShot): EditSound[] {
    const end = shot === shots.at(-1) ? Infinity : shot.startFrame + shot.frameCount;
    return plan.sounds.filter(({ startFrame }) => startFrame >= shot.startFrame && startFrame < end);
  }
}
