import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ProjectState } from '../../shared/api/types.ts';
import type { Asset } from '../../shared/assets/asset.ts';
import { emptyDocument } from '../../shared/project/apply-command.ts';
import type { ProjectShot } from '../../shared/project/document.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { cutLine } from '../memory/line/cut-line.ts';
import { playLine } from '../player/transport.ts';
import { useStudio } from '../state/index.ts';
import { addSoundFile } from './sound-files.ts';

const model = { chunkFrames: 3, video: { width: 16, height: 16, fps: 8 } } as ModelInfo;
const asset = {
  ...{ id: 'a'.repeat(64), kind: 'sound', name: 'a.wav', mediaType: 'audio/wav', sizeBytes: 3 },
  sound: { channels: 1, sourceChannels: 1, sourceRate: 48_000, codec: 'pcm-s16', lengthSamples: 4800 },
} as Asset;

/** As when a project is opened: both have a shot of the same id, as a copy of a project has. */
function open(id: string): void {
  const shot: ProjectShot = {
    ...{ id: 'shot-1', parent: null, name: '', prompt: 'a cat', chunks: 2, seed: 1, seedLocked: false },
    ...{ transition: 'continue', memory: {}, held: null },
  };
  const document = { ...emptyDocument('Film'), shots: [shot] };
  useStudio.setState({ document, model, project: { id, revision: 0, document } as ProjectState });
  playLine(cutLine(document.shots, new Map(), model));
}

const sounds = () => useStudio.getState().document?.shots.flatMap((shot) => shot.sounds ?? []) ?? [];

/** Answers what is sent; the test says when. */
let answer: () => void;
const sentTo: string[] = [];

beforeEach(() => {
  sentTo.length = 0;
  vi.stubGlobal('requestAnimationFrame', () => 0);
  vi.stubGlobal('fetch', (url: string) => {
    if (!url.startsWith('/upload/sound')) return new Promise(() => {});
    sentTo.push(new URLSearchParams(url.split('?')[1]).get('project') ?? '');
    return new Promise((resolve) => {
      answer = () => resolve(new Response(JSON.stringify(asset)));
    });
  });
  open('first');
});
afterEach(() => vi.unstubAllGlobals());

test('a sound that arrives is hung where it was asked for', async () => {
  const adding = addSoundFile(new File(['abc'], 'a.wav'), 4800);
  answer();
  await adding;
  expect(sounds()).toMatchObject([{ asset: asset.id, offsetSamples: 4800, lengthSamples: 4800 }]);
});

test('a sound that arrives once another project is open is not hung on that one', async () => {
  const adding = addSoundFile(new File(['abc'], 'a.wav'), 4800);
  open('second');
  answer();
  await adding;
  expect(sentTo).toEqual(['first']);
  expect(sounds()).toEqual([]);
});
