import type { Asset } from '../../../shared/assets/asset.ts';
import { sampleOfFrame } from '../../../shared/sound/frame-samples.ts';
import { soundRate } from '../../../shared/sound/sound-clip.ts';
import { type PlannedSound, planSounds } from '../../../shared/sound/sound-plan.ts';
import type { CutLine } from '../../memory/index.ts';
import { lineShots } from '../../memory/line/line.ts';
import type { Transport } from '../../player/model/clock.ts';
import { filmClock } from '../../player/model/film-clock.ts';
import { useStory, useStudio } from '../../state/index.ts';
import { BlockCache } from './block-cache.ts';
import { envelopeLine, piecesBetween, type RunningFilm, type SoundPiece, sampleAt, secOf } from './schedule.ts';

/** Sound is handed over so long before it is heard, in seconds. */
const aheadSec = 0.6;
/** A sound's clock that has stood for so long, in milliseconds, is given up: a film never waits for a sound card. */
const patienceMs = 1000;
/** A piece that comes late begins so long from now, in seconds, at the sample that is due then. */
const soonSec = 0.02;

interface Scheduled {
  readonly source: AudioBufferSourceNode;
  readonly gain: GainNode;
}

/** Plays the sounds of the active cut along with its pictures. One for a window. */
class SoundPlayer {
  #context: AudioContext | null = null;
  readonly #blocks = new BlockCache();
  readonly #scheduled = new Map<string, Scheduled>();
  #transport: Transport | null = null;
  #isMaster = false;
  #plannedFor: readonly [CutLine, ReadonlyMap<string, unknown>, ReadonlyMap<string, Asset>] | null = null;
  #plan: readonly PlannedSound[] = [];
  /** Where the sound's clock stood when it was last seen to move. */
  #moved = { sec: 0, atMs: 0 };

  /** A person wants to hear something: browsers let a page sound only then. */
  wake(line: CutLine): void {
    if (this.#planOf(line).length === 0) return;
    this.#context ??= new AudioContext({ sampleRate: soundRate, latencyHint: 'interactive' });
    if (this.#context.state === 'suspended') void this.#context.resume().catch(() => {});
  }

  /**
   * Called with every frame that is drawn.
   * @param runs whether the film runs now: it neither stands nor waits
   */
  update(transport: Transport, runs: boolean, line: CutLine): void {
    const plan = this.#planOf(line);
    const context = this.#context;
    if (context?.state !== 'running' || plan.length === 0) {
      this.#release();
      return;
    }
    this.#lead(context);
    if (!runs || transport.rate <= 0 || !this.#isMaster) {
      this.#silence();
      this.#transport = null;
      return;
    }
    if (this.#transport !== transport) this.#silence();
    this.#transport = transport;
    const film: RunningFilm = {
      position: transport.position,
      atSec: filmClock.sourceMs(transport.atMs) / 1000,
      ...{ rate: transport.rate, fps: line.fps },
    };
    const now = context.currentTime;
    const from = sampleAt(film, now);
    const to = sampleAt(film, now + aheadSec);
    for (const piece of piecesBetween(plan, from, to)) this.#schedule(context, film, piece, now);
  }

  /** Asks for what would be heard first, so that it is there when a person presses play. */
  prepare(line: CutLine, frame: number): void {
    const at = sampleOfFrame(frame, line.fps);
    for (const { asset, block } of piecesBetween(this.#planOf(line), at, at + aheadSec * soundRate))
      this.#blocks.get(asset, block, this.#channelsOf(asset), () => {});
  }

  #planOf(line: CutLine): readonly PlannedSound[] {
    const { byId } = useStory.getState();
    const { assets } = useStudio.getState();
    const [known, knownShots, knownAssets] = this.#plannedFor ?? [];
    if (known === line && knownShots === byId && knownAssets === assets) return this.#plan;
    const shots = lineShots(line).map(({ shotId, first, part }) => ({
      ...{ firstFrame: first - part.head, sounds: byId.get(shotId)?.sounds },
    }));
    const plan = planSounds(shots, line.fps, (asset) => assets.get(asset)?.sound?.lengthSamples ?? null);
    const isSame = JSON.stringify(plan) === JSON.stringify(this.#plan);
    this.#plannedFor = [line, byId, assets];
    if (isSame) return this.#plan;
    this.#plan = plan;
    this.#silence(); // what was handed over is not what is to be heard
    return plan;
  }

  #channelsOf(asset: string): number {
    return useStudio.getState().assets.get(asset)?.sound?.channels ?? 1;
  }

  /** The film follows the sound's clock, as long as that moves. */
  #lead(context: AudioContext): void {
    const sec = context.currentTime;
    const nowMs = performance.now();
    if (sec !== this.#moved.sec) this.#moved = { sec, atMs: nowMs };
    const moves = nowMs - this.#moved.atMs < patienceMs;
    if (moves === this.#isMaster) return;
    this.#isMaster = moves;
    filmClock.follow(moves ? () => heardSec(context) * 1000 : () => performance.now());
  }

  #release(): void {
    this.#silence();
    this.#transport = null;
    if (!this.#isMaster) return;
    this.#isMaster = false;
    filmClock.follow(() => performance.now());
  }

  #silence(): void {
    for (const { source, gain } of this.#scheduled.values()) {
      source.onended = null;
      source.stop();
      source.disconnect();
      gain.disconnect();
    }
    this.#scheduled.clear();
  }

  #schedule(context: AudioContext, film: RunningFilm, piece: SoundPiece, now: number): void {
    if (this.#scheduled.has(piece.name)) return;
    const channels = this.#blocks.get(piece.asset, piece.block, this.#channelsOf(piece.asset), () => {});
    const length = channels?.[0]?.length ?? 0;
    if (!channels || length === 0) return;
    const due = secOf(film, piece.filmSample);
    const when = due >= now ? due : now + soonSec;
    const skipped = Math.max(0, Math.round((when - due) * film.rate * soundRate));
    const count = Math.min(piece.count, length - piece.offset) - skipped;
    if (count <= 0) return;
    const buffer = context.createBuffer(channels.length, length, soundRate);
    for (const [i, samples] of channels.entries()) buffer.copyToChannel(samples, i);
    const source = new AudioBufferSourceNode(context, { buffer, playbackRate: film.rate });
    const gain = new GainNode(context, { gain: 0 });
    const first = piece.clipSample + skipped;
    for (const [i, point] of envelopeLine(piece.sound, first, first + count).entries()) {
      const at = when + (point.sample - first) / (film.rate * soundRate);
      if (i === 0) gain.gain.setValueAtTime(point.gain, at);
      else gain.gain.linearRampToValueAtTime(point.gain, at);
    }
    source.connect(gain).connect(context.destination);
    source.start(when, (piece.offset + skipped) / soundRate, count / soundRate);
    this.#scheduled.set(piece.name, { source, gain });
    source.onended = () => {
      // Its name stays, so that it is not begun again while the film is still within it.
      source.disconnect();
      gain.disconnect();
    };
  }
}

/** What comes out of the loudspeaker now, in seconds of the context's time. */
function heardSec(context: AudioContext): number {
  const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
  if (contextTime <= 0 || performanceTime <= 0) return Math.max(0, context.currentTime - (context.outputLatency || 0));
  // Between two reports it goes on as the page's clock does, never further than what was handed over.
  return Math.min(contextTime + (performance.now() - performanceTime) / 1000, context.currentTime);
}

export const soundPlayer = new SoundPlayer();
