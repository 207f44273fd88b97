import { type EditPlan, type EditShot, type EditSound, framesOf, shotName } from '../../../shared/edit/edit-plan.ts';
import { shotComment } from './describe-shot.ts';
import { relativeUrl } from './media-path.ts';

/**
 * OpenTimelineIO: a timeline with one video track, a clip a shot (a gap where nothing was generated), a marker a shot with
 * its prompt and notes, and an audio track for each sound. Schemas Timeline.1, Stack.1, Track.1, Clip.2, Gap.1, Marker.2,
 * ExternalReference.1, MissingReference.1, TimeRange.1, RationalTime.1, as the OpenTimelineIO specification lists them.
 */
export function writeOtio(plan: EditPlan): string {
  const time = (value: number) => ({ OTIO_SCHEMA: 'RationalTime.1', rate: plan.fps, value });
  const range = (start: number, duration: number) => ({
    OTIO_SCHEMA: 'TimeRange.1',
    start_time: time(start),
    duration: time(duration),
  });
  const item = (name: string, source_range: object) => ({
    metadata: {},
    name,
    source_range,
    effects: [],
    markers: [] as object[],
    enabled: true,
    color: null,
  });
  const reference = (file: string, frames: number) => ({
    OTIO_SCHEMA: 'ExternalReference.1',
    metadata: {},
    name: file.split('/').at(-1) ?? file,
    available_range: range(0, frames),
    available_image_bounds: null,
    target_url: relativeUrl(file),
  });
  const missing = () => ({
    OTIO_SCHEMA: 'MissingReference.1',
    metadata: {},
    name: '',
    available_range: null,
    available_image_bounds: null,
  });
  const clip = (shot: EditShot, index: number) => {
    const start = shot.media?.startFrame ?? 0;
    const comment = shotComment(shot);
    return {
      OTIO_SCHEMA: 'Clip.2',
      ...item(`${shotName(shot, index)} ${shot.title}`.trim(), range(start, shot.frameCount)),
      metadata: { throughline: { prompt: shot.prompt, ...shot.fields } },
      markers: [
        {
          OTIO_SCHEMA: 'Marker.2',
          metadata: {},
          name: shotName(shot, index),
          color: 'GREEN',
          marked_range: range(start, 0),
          comment,
        },
      ],
      media_references: {
        DEFAULT_MEDIA: shot.media ? reference(shot.media.file, shot.media.frameCount) : missing(),
      },
      active_media_reference_key: 'DEFAULT_MEDIA',
    };
  };
  const gap = (frames: number) => ({ OTIO_SCHEMA: 'Gap.1', ...item('', range(0, frames)) });
  const track = (kind: 'Video' | 'Audio', name: string, children: object[]) => ({
    OTIO_SCHEMA: 'Track.1',
    metadata: {},
    name,
    source_range: null,
    effects: [],
    markers: [],
    enabled: true,
    color: null,
    children,
    kind,
  });
  const sound = (clipOf: EditSound, index: number) =>
    track('Audio', `Sound ${index + 1}`, [
      ...(clipOf.startFrame > 0 ? [gap(clipOf.startFrame)] : []),
      {
        OTIO_SCHEMA: 'Clip.2',
        ...item(clipOf.name, range(clipOf.sourceStartFrame, clipOf.frameCount)),
        metadata: { throughline: { gainDb: clipOf.gainDb } },
        media_references: { DEFAULT_MEDIA: reference(clipOf.file, clipOf.sourceFrames) },
        active_media_reference_key: 'DEFAULT_MEDIA',
      },
    ]);
  const timeline = {
    OTIO_SCHEMA: 'Timeline.1',
    metadata: { throughline: { width: plan.size.width, height: plan.size.height, frames: framesOf(plan) } },
    name: plan.title,
    global_start_time: time(plan.startTimecodeFrame),
    tracks: {
      OTIO_SCHEMA: 'Stack.1',
      ...item('tracks', range(0, 0)),
      source_range: null,
      children: [
        track(
          'Video',
          'Film',
          plan.shots.flatMap((shot, i) => (shot.frameCount > 0 ? [clip(shot, i)] : [])),
        ),
        ...plan.sounds.map(sound),
      ],
    },
  };
  return `${JSON.stringify(timeline, null, 2)}\n`;
}
