import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { oddName, samplePlan } from '../../../../tests/fakes/edit-plans.ts';
import { planEdit, withMedia } from '../../../shared/edit/edit-plan.ts';
import { frameOfTimecode } from '../../../shared/edit/timecode.ts';
import { writeEdl } from './edl.ts';
import { writeFcp7 } from './fcp7.ts';
import { writeFcpxml } from './fcpxml.ts';
import { writeOtio } from './otio.ts';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  isArray: (name) => ['asset', 'asset-clip', 'clipitem', 'track', 'gap'].includes(name),
});
const read = (xml: string) => {
  expect(XMLValidator.validate(xml)).toBe(true);
  return parser.parse(xml);
};

describe('planEdit', () => {
  it('lays shots without holes, in frames of the film', () => {
    const { shots } = samplePlan(25);
    expect(shots.map(({ startFrame, frameCount }) => [startFrame, frameCount])).toEqual([
      [0, 66], // 21 frames at 8 fps are 65.6 at 25
      [66, 0],
      [66, 37], // to 33 frames, 103.1
    ]);
  });

  it('finds a shot in one film for all', () => {
    const film = withMedia(samplePlan(), { kind: 'film', file: 'film.mp4' });
    expect(film.shots.map(({ media }) => media)).toEqual([
      { file: 'film.mp4', startFrame: 0, frameCount: 99 },
      null,
      { file: 'film.mp4', startFrame: 63, frameCount: 99 },
    ]);
  });
});

describe('FCPXML', () => {
  const { fcpxml } = read(writeFcpxml(samplePlan()));
  const { sequence } = fcpxml.library.event.project;

  it('keeps names as they are', () => {
    expect(fcpxml.library.event['@name']).toBe(`The film: ${oddName}`);
    expect(sequence.spine['asset-clip'][0]['@name']).toBe(`12A ${oddName}`);
    expect(sequence.spine['asset-clip'][0]['asset-clip'][0]['@name']).toBe(oddName);
  });

  it('places clips by fractions of the frame rate, from one hour on', () => {
    const [first, second] = sequence.spine['asset-clip'];
    expect([first['@offset'], first['@start'], first['@duration']]).toEqual(['86400/24s', '12/24s', '63/24s']);
    expect([second['@offset'], second['@start'], second['@duration']]).toEqual(['86463/24s', '0s', '36/24s']);
    expect(sequence['@duration']).toBe('99/24s');
  });

  it('hangs a sound where it begins, in the time of the clip above', () => {
    const sound = sequence.spine['asset-clip'][0]['asset-clip'][0];
    // The clip's file begins with 12 frames of handle.
    expect([sound['@offset'], sound['@start'], sound['@lane']]).toEqual(['22/24s', '5/24s', '-1']);
    expect(sound['adjust-volume']['@amount']).toBe('-6dB');
  });

  it('names media relative to itself, percent-encoded', () => {
    const sources = fcpxml.resources.asset.map(
      (asset: Record<string, Record<string, string>>) => asset['media-rep']?.['@src'],
    );
    expect(sources.toSorted()).toEqual([
      'film%20media/1%20%E7%8C%AB.mp4',
      'film%20media/3%20%E7%8C%AB.mp4',
      'film%20media/voice%201.wav',
    ]);
  });

  it('writes gaps where pictures stay behind', () => {
    const none = read(writeFcpxml(withMedia(samplePlan(), { kind: 'none' })));
    const { spine } = none.fcpxml.library.event.project.sequence;
    expect(spine.gap.map((gap: Record<string, string>) => gap['@name'])).toEqual([`12A ${oddName}`, '3 City']);
  });
});

describe('Final Cut Pro 7 XML', () => {
  const { xmeml } = read(writeFcp7(samplePlan()));

  it('places clips in frames', () => {
    const items = xmeml.sequence.media.video.track[0].clipitem;
    expect(
      items.map((item: Record<string, number>) => [item.start, item.end, item.in, item.out, item.duration]),
    ).toEqual([
      [0, 63, 12, 75, 84],
      [63, 99, 0, 36, 36],
    ]);
    expect(items[0].name).toBe(`12A ${oddName}`);
    expect(xmeml.sequence.timecode.string).toBe('01:00:00:00');
  });

  it('carries sound with its level as a factor', () => {
    const [sound] = xmeml.sequence.media.audio.track[0].clipitem;
    expect(sound.filter.effect.parameter.value).toBeCloseTo(0.501187, 6);
  });

  it('describes a file once', () => {
    const film = read(writeFcp7(withMedia(samplePlan(), { kind: 'film', file: 'film.mp4' })));
    const [first, second] = film.xmeml.sequence.media.video.track[0].clipitem;
    expect(first.file.pathurl).toBe('film.mp4');
    expect(second.file).toEqual({ '@id': 'file-1' });
  });
});

describe('OpenTimelineIO', () => {
  const timeline = JSON.parse(writeOtio(samplePlan()));
  const [video, sound] = timeline.tracks.children;

  it('has a clip a shot that shows something', () => {
    expect(video.children.map((clip: { name: string }) => clip.name)).toEqual([`12A ${oddName}`, '3 City']);
    expect(video.children[0].source_range.duration.value).toBe(63);
    expect(video.children[0].media_references.DEFAULT_MEDIA.available_range.duration.value).toBe(84);
  });

  it('gives every shot its prompt and fields', () => {
    expect(video.children[0].markers[0].comment).toContain('Prompt: A red cat waves in the meadow.');
    expect(video.children[0].metadata.throughline.dialogue).toBe('MIA: Hello there!\nBÄR: 你好');
  });

  it('puts sound where it begins', () => {
    expect(sound.kind).toBe('Audio');
    expect(sound.children.map((item: { OTIO_SCHEMA: string }) => item.OTIO_SCHEMA)).toEqual(['Gap.1', 'Clip.2']);
    expect(sound.children[0].source_range.duration.value).toBe(10);
  });
});

describe('EDL', () => {
  const text = writeEdl(samplePlan());
  const lines = text.split('\r\n');

  it('is ASCII in lines that end as CMX 3600 asks', () => {
    expect(text).toMatch(/^[\x20-\x7e\r\n]*$/);
    expect(lines[0]).toMatch(/^TITLE: The film: Mia & "Bar"/);
    expect(lines[1]).toBe('FCM: NON-DROP FRAME');
  });

  it('has an event a shot and a sound whose times agree', () => {
    const events = lines.filter((line) => /^\d{3} /.test(line)).map((line) => line.trim().split(/\s+/));
    expect(events.map((event) => event.slice(0, 4))).toEqual([
      ['001', 'AX', 'V', 'C'],
      ['002', 'AX', 'V', 'C'],
      ['003', 'AX', 'AA', 'C'],
    ]);
    const frames = events.map((event) => event.slice(4).map((tc) => frameOfTimecode(tc, 24)));
    expect(frames).toEqual([
      [12, 75, 86_400, 86_463],
      [0, 36, 86_463, 86_499],
      [5, 53, 86_410, 86_458],
    ]);
  });
});

it('writes an edit without any shot', () => {
  const empty = planEdit([], { title: '', size: { width: 16, height: 16 }, modelFps: 8, fps: 24 });
  expect(writeEdl(empty)).toContain('TITLE: Untitled');
  expect(JSON.parse(writeOtio(empty)).tracks.children).toHaveLength(1);
  read(writeFcpxml(empty));
  read(writeFcp7(empty));
});
