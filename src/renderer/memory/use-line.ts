import { useMemo } from 'react';
import { useActiveCut, useSelectedChunk, useStory, useStudio } from '../state/index.ts';
import { cutLine } from './model/cut-line.ts';
import type { CutLine, LineChunk } from './model/line.ts';

/** The active cut as a row of chunks. Empty until a project is open. */
export function useCutLine(): CutLine {
  const cut = useActiveCut();
  const statuses = useStory((state) => state.statuses);
  const model = useStudio((state) => state.model);
  return useMemo(() => cutLine(cut?.shots ?? [], statuses, model), [cut, statuses, model]);
}

/** The selected chunk in the cut it is looked at in: the active one where it lies there, else the first that has it. */
export function useSelectedLine(): { readonly line: CutLine; readonly chunk: LineChunk } | null {
  const selected = useSelectedChunk();
  const active = useActiveCut();
  const cuts = useStory((state) => state.cuts);
  const statuses = useStory((state) => state.statuses);
  const model = useStudio((state) => state.model);
  const shotId = selected?.shotId;
  const indexInShot = selected?.indexInShot;
  return useMemo(() => {
    if (shotId === undefined) return null;
    const cut = [active, ...cuts].find((candidate) => candidate?.shots.some(({ id }) => id === shotId));
    const line = cutLine(cut?.shots ?? [], statuses, model);
    const chunk = line.chunks.find((other) => other.shotId === shotId && other.indexInShot === indexInShot);
    return chunk ? { line, chunk } : null;
  }, [shotId, indexInShot, active, cuts, statuses, model]);
}
