import { ThroughlineError } from '../../../shared/errors.ts';
import {
  type ComparedFilm,
  type Comparison,
  FilmMeasurer,
  fidelityOf,
  findReturns,
  framesWithinReach,
  measurePlan,
  type ReturnFidelity,
} from '../../../shared/lab/index.ts';
import { memoryChoice } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import type { PolicyName } from '../../../shared/memory-settings.ts';
import type { ShotId } from '../../../shared/project/document.ts';
import { type Cut, cutsOf } from '../../../shared/project/tree.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { PictureSpawn } from '../../pictures/index.ts';
import { footageFrames } from '../assets/project-pictures.ts';
import { type EngineUser, forEachChunk } from '../export/film-frames.ts';
import type { OpenProject } from '../project/open-project.ts';

export interface MeasureCutOptions {
  readonly project: OpenProject;
  readonly model: ModelInfo;
  readonly engines: EngineUser;
  /** Last shot of the cut. */
  readonly leaf: ShotId;
  readonly policies: readonly PolicyName[];
  /** How the process is started that decodes footage; forked from this one by default. */
  readonly spawn?: PictureSpawn | undefined;
  readonly signal: AbortSignal;
}

/**
 * Measures a cut under several memories on frames decoded afresh, since what the page shows are proxies. A memory under which a
 * chunk is still to be made is left out. What was measured once is kept: chunks never change.
 */
export async function measureCut(options: MeasureCutOptions): Promise<Pick<Comparison, 'model' | 'returns' | 'films'>> {
  const { project, model, leaf } = options;
  const cut = cutsOf(project.document).find((candidate) => candidate.leaf === leaf);
  if (!cut) throw new ThroughlineError('bad-input', 'This cut is no longer in the story.', 'Choose another one.');
  const returns = findReturns(
    cut.shots.map(({ prompt }) => prompt),
    model.scene ?? null,
  );
  const truth = truthOf(options, cut);
  const films: ComparedFilm[] = [];
  for (const policy of options.policies) {
    await project.prepare(model, policy);
    const film = await measureFilm(options, cut, policy, returns, truth);
    if (film) films.push(film);
  }
  return { model: { name: model.name, digest: model.digest, device: model.device }, returns, films };
}

/** The footage that a cut is held against. */
interface Truth {
  /** The asset. */
  readonly clip: string;
  /** What it shows in a chunk's place, [frames, height, width, 3]; null where it is over. */
  framesOf(chunk: number): Promise<Uint8Array | null>;
}

/** Decoded footage that is kept while films are measured, in bytes; what comes after it is decoded for each film. */
const mostDecodedBytes = 2 ** 28;

function truthOf({ project, model, spawn }: MeasureCutOptions, cut: Cut): Truth | null {
  const clip = cut.shots[0]?.footage?.asset;
  if (clip === undefined) return null;
  const decoded = new Map<number, Uint8Array | null>();
  let bytes = 0;
  return {
    clip,
    framesOf: async (chunk) => {
      const known = decoded.get(chunk);
      if (known !== undefined) return known;
      const frames = await footageFrames(project, clip, chunk, model.video, spawn);
      bytes += frames?.length ?? 0;
      if (bytes <= mostDecodedBytes) decoded.set(chunk, frames);
      return frames;
    },
  };
}

const measured = new WeakMap<OpenProject, Map<string, ComparedFilm>>();

async function measureFilm(
  { project, model, engines, signal }: MeasureCutOptions,
  cut: Cut,
  policy: PolicyName,
  returns: Comparison['returns'],
  truth: Truth | null,
): Promise<ComparedFilm | null> {
  const plan = project.plan(model, policy);
  const shots = cut.shots.map(({ id }) => plan.chunksOf(id));
  const keys = shots.flat().map(({ key }) => key);
  const [last] = keys.slice(-1);
  if (last === undefined || !keys.every((key) => project.chunks.has(key))) return null;
  const known = measured.get(project) ?? new Map<string, ComparedFilm>();
  measured.set(project, known);
  const name = JSON.stringify([last, returns, truth?.clip]); // a key names all before it
  const before = known.get(name);
  if (before) return before;
  const given = shots.flat().filter(({ recipe }) => recipe.footage).length;
  const held = { given: [] as ReturnFidelity[], truth: [] as ReturnFidelity[] };
  let at = 0;
  const measurer = new FilmMeasurer(
    measurePlan(
      shots.map((chunks) => ({ chunks: chunks.length, transition: chunks[0]?.recipe.transition ?? 'continue' })),
      returns,
    ),
    model.video,
  );
  await forEachChunk({
    film: { before: [], shots: shots.map((chunks) => ({ keys: chunks.map(({ key }) => key) })) },
    ...{ project, engines, model, signal },
    onChunk: async (_shot, frames, frameCount) => {
      measurer.add(frames, frameCount);
      const shown = await truth?.framesOf(at);
      if (shown) held[at < given ? 'given' : 'truth'].push(fidelityOf(frames, shown, model.video));
      at++;
    },
  });
  const stored = await Promise.all(keys.map((key) => project.store.chunk(key)));
  const film: ComparedFilm = {
    memory: memoryChoice({ ...model.memory, policy }).id,
    policy,
    seed: shots[0]?.[0]?.recipe.seed ?? 0,
    keys,
    measures: { ...measurer.result(), ...(truth ? held : {}) },
    secondsPerChunk: medianSeconds(keys.slice(given).flatMap((key) => project.made.madeHereMs.get(key) ?? [])),
    ...reach(
      stored.flatMap((chunk) => (chunk ? [chunk.record] : [])),
      model,
    ),
  };
  known.set(name, film);
  return film;
}

/** The most that a chunk of a film could look back on. */
export function reach(
  records: readonly MemoryRecord[],
  { frameBytes }: Pick<ModelInfo, 'frameBytes'>,
): Pick<ComparedFilm, 'framesReachable' | 'stateBytes'> {
  const framesReachable = Math.max(0, ...records.map((record) => framesWithinReach(record).length));
  // Of packed frames no keys and values are kept: they are made anew from the latents.
  const kept = (record: MemoryRecord): number =>
    (record.packs ? 0 : framesWithinReach(record).length * frameBytes) + (record.keptBytes ?? 0);
  return { framesReachable, stateBytes: Math.max(0, ...records.map(kept)) };
}

/** The middle of some times in milliseconds, in seconds; null of none. */
export function medianSeconds(timesMs: readonly number[]): number | null {
  const sorted = [...timesMs].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below, above] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  return below === undefined || above === undefined ? null : (below + above) / 2000;
}
