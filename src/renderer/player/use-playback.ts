import { type RefObject, useEffect } from 'react';
import { chunkAtPixelFrame, isAwaited, placeInChunk } from '../memory/line/line.ts';
import { soundPlayer } from '../sound/playback/sound-player.ts';
import { stripUrl, useSelection } from '../state/index.ts';
import { fitted } from './fit.ts';
import { frameAt, seek, tick } from './model/clock.ts';
import { filmClock } from './model/film-clock.ts';
import { chunksWanted, StripCache } from './model/strip-cache.ts';
import { followSelection, movedElsewhere, movePlayhead, player, playRange, usePlayer } from './transport.ts';

/** Decoded frames kept in memory: some two hundred chunks of the built-in model, or eight of a large one. */
const budgetBytes = 160 * 1024 ** 2;
const loadsAtOnce = 3;

async function loadStrip(key: string, signal: AbortSignal): Promise<ImageBitmap> {
  const response = await fetch(stripUrl(key), { signal });
  if (!response.ok) throw new Error(`The pictures of a chunk could not be read (${response.status}).`);
  return createImageBitmap(await response.blob());
}

/**
 * Plays what {@link playLine} was given onto a canvas, for as long as that is there: moves the playhead with the display's own frames, keeps the pictures around it
 * decoded, and draws. Nothing in React is drawn again while it plays but what reads the playhead.
 */
export function usePlayback(canvas: RefObject<HTMLCanvasElement | null>): void {
  useEffect(() => {
    let request = 0;
    let drawn = '';
    const strips = new StripCache<ImageBitmap>({ load: loadStrip, budgetBytes, loadsAtOnce, onChange: () => wake() });

    /** Asks for the pictures around a frame, in the direction the film runs. */
    const prefetch = (frame: number): void => {
      const state = usePlayer.getState();
      const range = playRange(state);
      const place = (pixelFrame: number): number => chunkAtPixelFrame(state.line, pixelFrame)?.chunkIndex ?? 0;
      const keys = state.line.chunks.map(({ key }) => key);
      const chunks = { first: place(range.first), last: place(range.end - 1), loop: range.loop };
      strips.want(chunksWanted(keys, place(frame), state.transport.rate < 0 ? -1 : 1, chunks));
    };

    const draw = (frame: number): void => {
      const { line: playing } = usePlayer.getState();
      const chunk = chunkAtPixelFrame(playing, frame);
      const target = canvas.current;
      const strip = chunk?.key ? strips.get(chunk.key) : null;
      if (!chunk || !target || !strip) return;
      const { index, of } = placeInChunk(playing, chunk, frame);
      const now = `${chunk.key}/${index}/${target.clientWidth}x${target.clientHeight}`;
      if (now === drawn) return;
      drawn = now;
      drawFrame(target, strip, index, of);
    };

    const isReady = (frame: number): boolean => {
      const chunk = chunkAtPixelFrame(usePlayer.getState().line, frame);
      if (!chunk || isAwaited(chunk.availability)) return false;
      return chunk.key === null || strips.get(chunk.key) !== null || strips.hasFailed(chunk.key);
    };

    const step = (): void => {
      request = 0;
      // Not the display's own time stamp, which may lie before an event that has just set the transport.
      const nowMs = filmClock.nowMs();
      const state = usePlayer.getState();
      const { playheadFrame } = useSelection.getState();
      const result = tick(state.transport, {
        nowMs,
        fps: state.line.fps,
        range: playRange(state),
        isReady,
        shown: playheadFrame,
      });
      const running = result.transport.rate !== 0;
      soundPlayer.update(result.transport, result.state === 'playing', state.line);
      if (!running) soundPlayer.prepare(state.line, result.frame);
      if (state.transport.rate !== 0) {
        const waiting = result.state === 'waiting';
        if (result.transport !== state.transport || waiting !== state.waiting) {
          usePlayer.setState({ transport: result.transport, waiting });
        }
        if (result.frame !== playheadFrame) movePlayhead(result.frame);
        if (!running) useSelection.setState({ playing: false });
      }
      prefetch(result.state === 'waiting' ? frameAt(result.transport.position) : result.frame);
      draw(result.frame);
      const key = chunkAtPixelFrame(state.line, result.frame)?.key ?? null;
      const unreadable = key !== null && strips.hasFailed(key);
      if (unreadable !== state.unreadable) usePlayer.setState({ unreadable });
      if (running) wake();
    };
    const wake = (): void => {
      if (request === 0) request = requestAnimationFrame(step);
    };

    const resize = new ResizeObserver(() => wake());
    if (canvas.current) resize.observe(canvas.current);
    const stopPlayer = usePlayer.subscribe((now, before) => {
      if (now.transport.rate > 0 && before.transport.rate <= 0) soundPlayer.wake(now.line);
      wake();
    });
    const stopSelection = useSelection.subscribe((now, before) => {
      wake();
      const { transport } = usePlayer.getState();
      if (movedElsewhere(now.playheadFrame)) {
        movePlayhead(now.playheadFrame);
        usePlayer.setState({ transport: seek(transport, now.playheadFrame, filmClock.nowMs()) });
      }
      if (now.playing !== before.playing && now.playing !== (transport.rate !== 0)) {
        if (now.playing) player.play();
        else player.stop();
      }
      if (now.chunk && now.chunk !== before.chunk) followSelection(now.chunk);
      else if (now.shotId && now.shotId !== before.shotId) followSelection({ shotId: now.shotId, indexInShot: 0 });
    });
    wake();
    return () => {
      cancelAnimationFrame(request);
      resize.disconnect();
      stopPlayer();
      stopSelection();
      strips.dispose();
    };
  }, [canvas]);
}

/** Draws one frame of a strip as large as it fits, smoothly scaled; frames of another shape than the film's stand in black. */
function drawFrame(canvas: HTMLCanvasElement, strip: ImageBitmap, index: number, count: number): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  // Setting a size clears the canvas and its memory, even to the same.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const frameHeight = strip.height / count;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  const at = fitted({ width: strip.width, height: frameHeight }, { width, height });
  if (at.width < width || at.height < height) {
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
  }
  context.drawImage(strip, 0, index * frameHeight, strip.width, frameHeight, at.left, at.top, at.width, at.height);
}
