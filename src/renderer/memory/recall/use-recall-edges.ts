import { useMemo } from 'react';
import type { Ancestor } from '../../../shared/api/types.ts';
import type { ShotId } from '../../../shared/project/document.ts';
import { useSelection } from '../../state/index.ts';
import type { CutLine, LineChunk } from '../line/line.ts';
import { useCutLine, useSelectedLine } from '../line/use-line.ts';
import { useAncestors } from '../records/ancestors.ts';
import { useRecords } from '../records/records.ts';
import { type RecallEdge, recallEdgesOf } from './recall-edges.ts';

/** One end of a recall edge: a chunk with something to show. */
export interface RecallPlace {
  readonly shotId: ShotId;
  readonly indexInShot: number;
  /** Key of the result shown there. */
  readonly chunkKey: string;
}

/** A chunk that remembered a frame of an earlier one. */
export interface GraphRecallEdge {
  /** `frame` counts in its chunk, 0..chunkFrames-1. */
  readonly from: RecallPlace & { readonly frame: number };
  readonly to: RecallPlace;
  /** Retrieval score, mean of layers: a share of attention in 0..1 with `paper` memory; null where the memory scores nothing. */
  readonly weight: number | null;
  /** The weight against the strongest edge into the same chunk, 0..1: for thickness. */
  readonly share: number;
  /** Share of layers whose bank held the frame, 0..1. */
  readonly layers: number;
}

const none: readonly (string | null)[] = [];

/**
 * The recall edges to draw on the graph: of the selected chunk, of every chunk of the active cut, or none. Records are
 * fetched as they are needed, so edges of a whole cut appear as they arrive.
 */
export function useRecallEdges(): readonly GraphRecallEdge[] {
  const mode = useSelection((state) => state.recall);
  const active = useCutLine();
  const selected = useSelectedLine();
  const line = mode === 'selected' ? (selected?.line ?? null) : mode === 'all' ? active : null;
  const selectedIndex = mode === 'selected' ? (selected?.chunk.chunkIndex ?? null) : null;
  const keys = useMemo(
    () =>
      line
        ? line.chunks.map(({ key, chunkIndex }) =>
            selectedIndex === null || selectedIndex === chunkIndex ? key : null,
          )
        : none,
    [line, selectedIndex],
  );
  const records = useRecords(keys, true);
  const older = useMemo(
    () => line?.chunks.flatMap(({ key, availability }, i) => (keys[i] && key && isOlder(availability) ? [key] : [])),
    [line, keys],
  );
  const ancestors = useAncestors(older ?? noKeys);
  return useMemo(
    () => (line ? recallEdgesOf(records).flatMap((edge) => placeEdge(line, edge, ancestors)) : []),
    [line, records, ancestors],
  );
}

const noKeys: readonly string[] = [];

function isOlder(availability: LineChunk['availability']): boolean {
  return availability === 'stale' || availability === 'held';
}

/**
 * The edge between chunks of this line; none where one of them shows nothing, or where an older result was made after
 * something else than what stands there now.
 */
function placeEdge(
  line: CutLine,
  edge: RecallEdge,
  ancestors: ReadonlyMap<string, readonly Ancestor[] | null>,
): GraphRecallEdge[] {
  const chunk = line.chunks[edge.toChunk];
  if (chunk?.key && isOlder(chunk.availability)) {
    const then = ancestors.get(chunk.key)?.find(({ chunkIndex }) => chunkIndex === edge.fromChunk);
    if (then?.key !== line.chunks[edge.fromChunk]?.key) return [];
  }
  const from = placeOf(line, edge.fromChunk);
  const to = placeOf(line, edge.toChunk);
  if (!from || !to) return [];
  const frame = (edge.frames[0] ?? 0) % line.chunkFrames;
  return [{ from: { ...from, frame }, to, weight: edge.score, share: edge.weight, layers: edge.fraction }];
}

function placeOf(line: CutLine, chunkIndex: number): RecallPlace | null {
  const chunk = line.chunks[chunkIndex];
  return chunk?.key ? { shotId: chunk.shotId, indexInShot: chunk.indexInShot, chunkKey: chunk.key } : null;
}
