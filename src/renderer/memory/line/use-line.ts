import { useMemo } from 'react';
import type { MemoryOverrides } from '../../../shared/memory-settings.ts';
import { picturesAlong } from '../../../shared/pictures.ts';
import type { ShotStatus } from '../../../shared/project/status.ts';
import type { Cut } from '../../../shared/project/tree.ts';
import { useActiveCut, useSelectedChunk, useStory, useStudio } from '../../state/index.ts';
import { cutLine, type FilmScale } from './cut-line.ts';
import type { CutLine, LineChunk } from './line.ts';

/** The lines in use, by the cut's last shot; a window shows two at most. */
const lines = new Map<string, CutLine>();
const linesKept = 2;
const noMemory: MemoryOverrides = {};

/** The line of a cut. Whoever asks for the same one gets the same object, until it says something else. */
function lineOf(
  cut: Cut | null,
  statuses: ReadonlyMap<string, ShotStatus>,
  model: FilmScale | null,
  memory: MemoryOverrides,
): CutLine {
  const leaf = cut?.leaf ?? '';
  const line = cutLine(cut?.shots ?? [], statuses, model, lines.get(leaf), picturesAlong(memory, cut?.shots ?? []));
  lines.delete(leaf);
  lines.set(leaf, line);
  for (const oldest of lines.keys()) {
    if (lines.size <= linesKept) break;
    lines.delete(oldest);
  }
  return line;
}

/** The active cut as a row of chunks. Empty until a project is open. */
export function useCutLine(): CutLine {
  const cut = useActiveCut();
  const statuses = useStory((state) => state.statuses);
  const model = useStudio((state) => state.model);
  const memory = useStory((state) => state.document?.memory) ?? noMemory;
  return useMemo(() => lineOf(cut, statuses, model, memory), [cut, statuses, model, memory]);
}

/** The selected chunk in the cut it is looked at in: the active one where it lies there, else the first that has it. */
export function useSelectedLine(): { readonly line: CutLine; readonly chunk: LineChunk } | null {
  const selected = useSelectedChunk();
  const active = useActiveCut();
  const cuts = useStory((state) => state.cuts);
  const statuses = useStory((state) => state.statuses);
  const model = useStudio((state) => state.model);
  const memory = useStory((state) => state.document?.memory) ?? noMemory;
  const shotId = selected?.shotId;
  const indexInShot = selected?.indexInShot;
  const line = useMemo(() => {
    if (shotId === undefined) return null;
    const cut = [active, ...cuts].find((candidate) => candidate?.shots.some(({ id }) => id === shotId));
    return lineOf(cut ?? null, statuses, model, memory);
  }, [shotId, active, cuts, statuses, model, memory]);
  return useMemo(() => {
    const chunk = line?.chunks.find((other) => other.shotId === shotId && other.indexInShot === indexInShot);
    return line && chunk ? { line, chunk } : null;
  }, [line, shotId, indexInShot]);
}
