import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { samplePlan } from '../../../../tests/fakes/edit-plans.ts';
import { type EditPlan, planEdit, withMedia } from '../../../shared/edit/edit-plan.ts';
import { frameOfTimecode } from '../../../shared/edit/timecode.ts';
import { writeEdl } from './edl.ts';
import { writeFcp7 } from './fcp7.ts';
import { writeFcpxml } from './fcpxml.ts';
import { writeOtio } from './otio.ts';

/** What FCPXML's document type says of the elements we write: attributes, and children in their order. */
const fcpxmlType: Readonly<Record<string, { readonly attributes: string; readonly children: string }>> = {
  fcpxml: { attributes: 'version', children: 'import-options resources library event project' },
  resources: { attributes: '', children: 'asset effect format media' },
  format: {
    attributes: 'id name frameDuration fieldOrder width height paspH paspV colorSpace projection stereoscopic',
    children: '',
  },
  asset: {
    attributes:
      'id name uid start duration hasVideo format hasAudio videoSources audioSources audioChannels audioRate customLUTOverride',
    children: 'media-rep bookmark metadata',
  },
  'media-rep': { attributes: 'kind sig src suggestedFilename', children: 'bookmark' },
  library: { attributes: 'location colorProcessing', children: 'event smart-collection' },
  event: { attributes: 'name uid', children: 'clip audition mc-clip ref-clip asset-clip collection-folder project' },
  project: { attributes: 'name uid id modDate', children: 'sequence' },
  sequence: {
    attributes: 'format duration tcStart tcFormat audioLayout audioRate renderFormat keywords',
    children: 'note spine metadata',
  },
  spine: {
    attributes: 'lane offset name format',
    children: 'audio video clip title mc-clip ref-clip sync-clip asset-clip audition gap',
  },
  'asset-clip': {
    attributes:
      'ref srcEnable lane offset name start duration enabled format audioStart audioDuration tcStart tcFormat modDate audioRole videoRole',
    children: 'note conform-rate timeMap adjust-volume adjust-panner spine asset-clip marker chapter-marker keyword',
  },
  gap: { attributes: 'name offset start duration enabled', children: 'note spine asset-clip marker chapter-marker' },
  marker: { attributes: 'start duration value completed note', children: '' },
  'adjust-volume': { attributes: 'amount', children: 'param' },
};

/** Elements that take their children in any order. */
const unordered = new Set(['resources', 'spine', 'event']);

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Node[];
}

function tree(xml: string): Node {
  const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '' });
  const nodes = (list: readonly Record<string, unknown>[]): Node[] =>
    list.flatMap((item) => {
      const name = Object.keys(item).find((key) => key !== ':@' && key !== '#text' && !key.startsWith('?'));
      if (name === undefined) return [];
      const attributes = (item[':@'] ?? {}) as Record<string, string>;
      return [{ name, attributes, children: nodes(item[name] as Record<string, unknown>[]) }];
    });
  const [root] = nodes(parser.parse(xml));
  if (!root) throw new Error('no element');
  return root;
}

/** What is not as the document type says, each as a sentence. */
function faults(node: Node): string[] {
  const type = fcpxmlType[node.name];
  if (!type) return [`${node.name} is unknown`];
  const allowed = type.attributes.split(' ');
  const order = type.children.split(' ');
  const places = node.children.map(({ name }) => order.indexOf(name));
  return [
    ...Object.keys(node.attributes)
      .filter((name) => !allowed.includes(name))
      .map((name) => `${node.name} has no ${name}`),
    ...node.children.filter((_, i) => (places[i] as number) < 0).map(({ name }) => `${name} stands in ${node.name}`),
    ...(unordered.has(node.name) || places.every((place, i) => i === 0 || place >= (places[i - 1] as number))
      ? []
      : [`children of ${node.name} are out of order`]),
    ...node.children.flatMap(faults),
  ];
}

/** Every kind of plan: clips with handles, one film, no pictures, at each rate. */
const plans: readonly (readonly [string, EditPlan])[] = [24, 25, 30].flatMap((fps) => [
  [`clips at ${fps}`, samplePlan(fps)] as const,
  [`a film at ${fps}`, withMedia(samplePlan(fps), { kind: 'film', file: 'film of 猫.mp4' })] as const,
  [`no pictures at ${fps}`, withMedia(samplePlan(fps), { kind: 'none' })] as const,
]);

test.each(plans)('FCPXML holds what its document type allows, in its order: %s', (_, plan) => {
  const root = tree(writeFcpxml(plan));
  expect(faults(root)).toEqual([]);
  // Every reference leads somewhere, and every time is a whole number of frames.
  const all = (node: Node): Node[] => [node, ...node.children.flatMap(all)];
  const nodes = all(root);
  const ids = nodes.flatMap(({ attributes }) => attributes.id ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { attributes } of nodes) {
    if (attributes.ref !== undefined) expect(ids).toContain(attributes.ref);
    for (const name of ['offset', 'start', 'duration', 'tcStart'] as const) {
      if (attributes[name] !== undefined) expect(attributes[name]).toMatch(new RegExp(`^(0|\\d+/${plan.fps})s$`));
    }
  }
});

test('the strict reader finds what is wrong', () => {
  const wrong = '<fcpxml version="1.10"><library/><resources><asset id="r1" colour="red"/><clip/></resources></fcpxml>';
  expect(faults(tree(wrong))).toEqual([
    'children of fcpxml are out of order',
    'clip stands in resources',
    'asset has no colour',
    'clip is unknown',
  ]);
});

/** Schemas of OpenTimelineIO 0.17, as its list of serialized types has them. */
const otioSchemas = [
  ...['Timeline.1', 'Stack.1', 'Track.1', 'Clip.2', 'Gap.1', 'Marker.2', 'ExternalReference.1', 'MissingReference.1'],
  ...['TimeRange.1', 'RationalTime.1'],
];

test.each(plans)(
  'OpenTimelineIO holds schemas of published versions alone, and ranges within their media: %s',
  (_, plan) => {
    const seen = new Set<string>();
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      const { OTIO_SCHEMA: schema, source_range: source, media_references: media } = value as Record<string, never>;
      if (schema !== undefined) seen.add(schema);
      const available = (media as Record<string, { available_range: Range | null }> | undefined)?.DEFAULT_MEDIA
        ?.available_range;
      if (available && source) expect(endOf(source as Range)).toBeLessThanOrEqual(endOf(available));
      for (const part of Object.values(value)) walk(part);
    };
    walk(JSON.parse(writeOtio(plan)));
    expect([...seen].filter((schema) => !otioSchemas.includes(schema))).toEqual([]);
    expect(seen).toContain('Timeline.1');
  },
);

interface Range {
  readonly start_time: { readonly value: number };
  readonly duration: { readonly value: number };
}

function endOf({ start_time, duration }: Range): number {
  return start_time.value + duration.value;
}

test.each(plans)(
  'every clip item of Final Cut Pro 7 is as long in the film as in its file, and within it: %s',
  (_, plan) => {
    const parser = new XMLParser({ isArray: (name) => ['track', 'clipitem'].includes(name) });
    const { video, audio } = parser.parse(writeFcp7(plan)).xmeml.sequence.media;
    const items = [...video.track, ...audio.track].flatMap(({ clipitem }) => clipitem);
    expect(items).toHaveLength(3);
    for (const item of items) {
      expect(item.out - item.in).toBe(item.end - item.start);
      expect(item.out).toBeLessThanOrEqual(item.duration);
    }
  },
);

test('an EDL keeps to 80 columns but for file names, and nothing of a comment is lost', () => {
  const prompt = `${'A word and another one. '.repeat(80)}${'x'.repeat(200)}`;
  const fields = { notes: 'Ünïcödé 猫 notes' };
  const shots = [
    { title: 'A title that is much too long for a line of an EDL '.repeat(4), prompt, fields, frameCount: 8 },
  ];
  const plan = planEdit(shots, { title: 'T'.repeat(200), size: { width: 16, height: 16 }, modelFps: 8, fps: 24 });
  const lines = writeEdl(plan).split('\r\n');
  const long = lines.filter((line) => line.length > 80);
  expect(long.every((line) => line.startsWith('* FROM CLIP NAME: '))).toBe(true);
  const said = lines.flatMap((line) => /^\* COMMENT: (.*)$/.exec(line)?.[1] ?? []);
  expect(said.join('').replace(/\s/g, '')).toBe(`Prompt: ${prompt}Notes: Unicode Mao notes`.replace(/\s/g, ''));
});

test('an EDL has the source range of a trimmed shot, with its handles in the clip', () => {
  const trimmed = [{ title: 'Cat', prompt: 'A cat.', fields: {}, frameCount: 7, headFrames: 14, tailFrames: 3 }];
  const plan = planEdit(trimmed, { title: 'Film', size: { width: 16, height: 16 }, modelFps: 8, fps: 24 });
  const event = writeEdl(withMedia(plan, { kind: 'clips', fileOf: () => 'cat.mp4' }))
    .split('\r\n')
    .find((line) => line.startsWith('001'));
  const times = event?.split(/\s+/).slice(4) ?? [];
  expect(times.map((time) => frameOfTimecode(time, 24))).toEqual([42, 63, 86_400, 86_421]);
});

test('more shots than an EDL has numbers for are refused', () => {
  const shots = Array.from({ length: 10_000 }, () => ({ title: 'a', prompt: 'a', fields: {}, frameCount: 1 }));
  const plan = planEdit(shots, { title: 'Film', size: { width: 16, height: 16 }, modelFps: 24, fps: 24 });
  expect(() => writeEdl(plan)).toThrow(/10000 shots; an EDL numbers up to 9999/);
});
