import { beforeEach, expect, test, vi } from 'vitest';
import type { ProjectState } from '../../shared/api/types.ts';
import { emptyDocument } from '../../shared/project/apply-command.ts';
import type { ProjectShot } from '../../shared/project/document.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { cutLine } from '../memory/line/cut-line.ts';
import { lineShots } from '../memory/line/line.ts';
import { useSelection, useStudio } from '../state/index.ts';
import { playLine, usePlayer } from './transport.ts';
import { trimBy, trimTo, trimToPlayhead } from './trim.ts';

const shot = (id: string, parent: string | null): ProjectShot => ({
  ...{ id, parent, name: '', prompt: `Of ${id}.`, chunks: 2, seed: 1, seedLocked: false },
  ...{ transition: 'continue', memory: {}, held: null },
});
const model = { chunkFrames: 3, video: { width: 16, height: 16, fps: 8 } } as ModelInfo;

/** What the player is given whenever the document changes; here as the editor's own code does it. */
function show(): void {
  playLine(cutLine(useStudio.getState().document?.shots ?? [], new Map(), model));
}

const trimOf = (id: string) => useStudio.getState().document?.shots.find((other) => other.id === id)?.trim;
const playhead = () => useSelection.getState().playheadFrame;

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', () => 0);
  const document = { ...emptyDocument('Film'), shots: [shot('shot-1', null), shot('shot-2', 'shot-1')] };
  // Frames 0 to 20, and 21 to 44.
  useStudio.setState({ document, model, project: { id: 'open', revision: 0, document } as ProjectState });
  usePlayer.setState({ inFrame: null, outFrame: null });
  show();
});

test('keys trim the shot under the playhead by a frame, and show the frame that is now at that end', () => {
  useSelection.setState({ playheadFrame: 30 });
  for (const by of [1, 1, 1, -1]) {
    trimBy('head', by);
    show();
  }
  expect(trimOf('shot-2')).toEqual({ head: 2, tail: 0 });
  expect(playhead()).toBe(21);
  trimBy('tail', 1);
  show();
  expect(trimOf('shot-2')).toEqual({ head: 2, tail: 1 });
  // 21 frames of the first shot, 21 of the second.
  expect(playhead()).toBe(41);
  trimBy('tail', -1);
  show();
  expect([trimOf('shot-2'), playhead()]).toEqual([{ head: 2, tail: 0 }, 42]);
});

test('a shot begins or ends with the frame shown', () => {
  useSelection.setState({ playheadFrame: 5 });
  trimToPlayhead('head');
  show();
  expect([trimOf('shot-1'), playhead()]).toEqual([{ head: 5, tail: 0 }, 0]);
  useSelection.setState({ playheadFrame: 9 });
  trimToPlayhead('tail');
  show();
  expect([trimOf('shot-1'), playhead()]).toEqual([{ head: 5, tail: 6 }, 9]);
});

test('however far an end is dragged, one frame is left, and nothing is given back that is not there', () => {
  const second = () => lineShots(usePlayer.getState().line)[1] as ReturnType<typeof lineShots>[number];
  trimTo(second(), 'tail', 900, 'drag');
  show();
  expect([trimOf('shot-2'), second().count]).toEqual([{ head: 0, tail: 23 }, 1]);
  trimTo(second(), 'tail', -7, 'drag');
  show();
  expect([trimOf('shot-2'), second().count]).toEqual([undefined, 24]);
});
