export { CastList } from './cast-list.tsx';
export { directionsAt } from './model/directions.ts';
export { type CutLine, type LineChunk, type LineShot, lineShots } from './model/line.ts';
export { MemoryPanel } from './panel.tsx';
export { useCutLine, useSelectedLine } from './use-line.ts';
export { type GraphRecallEdge, type RecallPlace, useRecallEdges } from './use-recall-edges.ts';
