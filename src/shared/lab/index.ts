export {
  bestRows,
  type ComparedFilm,
  type Comparison,
  cellText,
  comparisonCsv,
  comparisonSchema,
  comparisonTable,
  framesWithinReach,
  type MeasureCell,
  type MeasureColumn,
  measureColumns,
  memoriesOf,
  mostCompared,
  nameOf,
} from './comparison.ts';
export { FilmMeasurer, type FilmMeasures, type MeasurePlan, measurePlan } from './film-measures.ts';
export { findReturns, type Return } from './returns.ts';
export { adoptMemory, documentUnder } from './under-memory.ts';
