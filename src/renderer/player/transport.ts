import { create } from 'zustand';
import type { CutLine } from '../memory/index.ts';
import { chunkAtPixelFrame, chunkSpan, lineFrameCount, lineShots } from '../memory/line/line.ts';
import { type ChunkPlace, selectChunk, setPlayhead, useSelection } from '../state/index.ts';
import { type PlayRange, seek, setRate, shuttleRate, standing, type Transport } from './model/clock.ts';
import { filmClock } from './model/film-clock.ts';

interface PlayerState {
  readonly transport: Transport;
  /** The film waits for a chunk that is being made or read. */
  readonly waiting: boolean;
  /** The pictures of the chunk under the playhead could not be read. */
  readonly unreadable: boolean;
  readonly loop: boolean;
  /** The cut is shown to an audience: all of it, whatever the in and out points say. */
  readonly presenting: boolean;
  /** In and out points: first frame, and the last one; null where not set. */
  readonly inFrame: number | null;
  readonly outFrame: number | null;
  /** What plays. Set by the player from the active cut. */
  readonly line: CutLine;
}

export const usePlayer = create<PlayerState>(() => ({
  transport: standing,
  waiting: false,
  unreadable: false,
  loop: false,
  presenting: false,
  inFrame: null,
  outFrame: null,
  line: { chunks: [], chunkFrames: 1, fps: 1 },
}));

/** What plays: from the in point to the out point, as far as they lie in the cut. */
export function playRange({ line, inFrame, outFrame, loop, presenting }: PlayerState): PlayRange {
  const count = lineFrameCount(line);
  if (presenting) return { first: 0, end: count, loop: false };
  const first = Math.min(inFrame ?? 0, Math.max(0, count - 1));
  return { first, end: Math.min(count, (outFrame ?? count - 1) + 1), loop };
}

let ownFrame = 0;

/** Moves the shared playhead, as the player itself does. */
export function movePlayhead(frame: number): void {
  ownFrame = frame;
  setPlayhead(frame);
}

/** Whether somebody else (the graph, a memory view) put the playhead there. */
export function movedElsewhere(frame: number): boolean {
  return frame !== ownFrame;
}

function run(rate: number): void {
  const state = usePlayer.getState();
  const { fps } = state.line;
  const range = playRange(state);
  if (range.end <= range.first) return;
  const nowMs = filmClock.nowMs();
  let { transport } = state;
  if (transport.rate === 0 && rate !== 0) {
    const { playheadFrame } = useSelection.getState();
    const inside = playheadFrame >= range.first && playheadFrame < range.end;
    const atEnd = rate > 0 ? playheadFrame === range.end - 1 : playheadFrame === range.first;
    const from = inside && !atEnd ? playheadFrame : rate > 0 ? range.first : range.end - 1;
    transport = seek({ ...transport, rate }, from, nowMs);
    movePlayhead(from);
  } else if (rate === 0) {
    transport = { position: useSelection.getState().playheadFrame, atMs: nowMs, rate: 0 };
  } else {
    transport = setRate(transport, rate, fps, nowMs);
  }
  usePlayer.setState({ transport, waiting: false });
  useSelection.setState({ playing: rate !== 0 });
}

/** Puts the playhead on a frame. Standing, it also selects the chunk shown there. */
function goTo(frame: number): void {
  const { line, transport } = usePlayer.getState();
  const last = lineFrameCount(line) - 1;
  if (last < 0) return;
  const target = Math.min(Math.max(0, Math.round(frame)), last);
  usePlayer.setState({ transport: seek(transport, target, filmClock.nowMs()), waiting: false });
  movePlayhead(target);
  const chunk = chunkAtPixelFrame(line, target);
  if (chunk && transport.rate === 0) selectChunk({ shotId: chunk.shotId, indexInShot: chunk.indexInShot });
}

/** Everything a person can ask of the player; for its buttons, its keys and the command palette. */
export const player = {
  toggle: () => run(usePlayer.getState().transport.rate === 0 ? 1 : 0),
  play: () => run(1),
  stop: () => run(0),
  /** J (-1) and L (1). */
  shuttle: (direction: 1 | -1) => run(shuttleRate(usePlayer.getState().transport.rate, direction)),
  step: (frames: number) => {
    run(0);
    goTo(useSelection.getState().playheadFrame + frames);
  },
  goTo,
  /** To the beginning of this shot, or of the one before; forward to the next. */
  skipShot: (direction: 1 | -1) => {
    const { line } = usePlayer.getState();
    const now = useSelection.getState().playheadFrame;
    const starts = lineShots(line).map(({ first }) => first);
    goTo(
      direction > 0
        ? (starts.find((first) => first > now) ?? lineFrameCount(line) - 1)
        : (starts.findLast((first) => first < now) ?? 0),
    );
  },
  /** To the in or out point; to the film's first or last frame where none is set. */
  toEdge: (edge: 'first' | 'last') => {
    const { first, end } = playRange(usePlayer.getState());
    goTo(edge === 'first' ? first : end - 1);
  },
  toggleLoop: () => usePlayer.setState(({ loop }) => ({ loop: !loop })),
  /** An in point after the out point, or the other way round, takes the other away. */
  markIn: () => {
    const inFrame = useSelection.getState().playheadFrame;
    usePlayer.setState(({ outFrame }) => ({
      inFrame,
      outFrame: outFrame !== null && outFrame < inFrame ? null : outFrame,
    }));
  },
  markOut: () => {
    const outFrame = useSelection.getState().playheadFrame;
    usePlayer.setState(({ inFrame }) => ({
      outFrame,
      inFrame: inFrame !== null && inFrame > outFrame ? null : inFrame,
    }));
  },
  clearMarks: () => usePlayer.setState({ inFrame: null, outFrame: null }),
};

/** A film that has become shorter takes the playhead and the marks along. */
function stayInside(count: number): void {
  const last = Math.max(0, count - 1);
  const { inFrame, outFrame, transport } = usePlayer.getState();
  if (inFrame !== null && inFrame > last) usePlayer.setState({ inFrame: null });
  if (outFrame !== null && outFrame > last) usePlayer.setState({ outFrame: null });
  if (count === 0 && transport.rate !== 0) {
    usePlayer.setState({ transport: standing, waiting: false });
    useSelection.setState({ playing: false });
  }
  if (useSelection.getState().playheadFrame <= last) return;
  usePlayer.setState({ transport: seek(transport, last, filmClock.nowMs()) });
  movePlayhead(last);
}

/** A selected place that the film did not have yet: a branch that was just made. */
let awaited: ChunkPlace | null = null;

/** A frame of the film as it will be once a change of it is seen. */
let soonFrame: number | null = null;

/** Puts the playhead on a frame of the film as it is after the change that was just made. */
export function goToSoon(frame: number): void {
  run(0);
  soonFrame = frame;
}

/** What plays from now on. */
export function playLine(line: CutLine): void {
  usePlayer.setState({ line });
  stayInside(lineFrameCount(line));
  if (soonFrame !== null) goTo(soonFrame);
  soonFrame = null;
  const place = awaited;
  if (place) followSelection(place);
  awaited = null;
}

/** Follows a selection made elsewhere: the playhead goes to the selected chunk, unless the film runs or is in it. */
export function followSelection(place: ChunkPlace): void {
  const { line, transport } = usePlayer.getState();
  awaited = null;
  if (transport.rate !== 0) return;
  const chunk = line.chunks.find(
    ({ shotId, indexInShot }) => shotId === place.shotId && indexInShot === place.indexInShot,
  );
  if (!chunk) {
    awaited = place;
    return;
  }
  const { first, count } = chunkSpan(line, chunk.chunkIndex);
  const now = useSelection.getState().playheadFrame;
  if (now >= first && now < first + count) return;
  usePlayer.setState({ transport: seek(transport, first, filmClock.nowMs()) });
  movePlayhead(first);
}
