export { CastList } from './directing/cast-list.tsx';
export { directionsAt } from './directing/directions.ts';
export { frameMenu } from './directing/frame-menu.ts';
export { type CutLine, type LineChunk, type LineShot, lineShots } from './line/line.ts';
export { useCutLine, useSelectedLine } from './line/use-line.ts';
export { MemoryPanel } from './panel/panel.tsx';
export { type GraphRecallEdge, type RecallPlace, useRecallEdges } from './recall/use-recall-edges.ts';
export { saveFile, saveImage } from './saving/save-view.ts';
