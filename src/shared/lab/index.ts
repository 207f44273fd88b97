export {
  bestRows,
  type ComparedFilm,
  type Comparison,
  cellText,
  columnsOf,
  comparisonCsv,
  comparisonSchema,
  comparisonTable,
  footageColumns,
  framesWithinReach,
  type MeasureCell,
  type MeasureColumn,
  measureColumns,
  memoriesOf,
  mostCompared,
  nameOf,
} from './comparison.ts';
export {
  FilmMeasurer,
  type FilmMeasures,
  fidelityOf,
  type MeasurePlan,
  measurePlan,
  type ReturnFidelity,
} from './film-measures.ts';
export { findReturns, type Return } from './returns.ts';
export { adoptMemory, documentUnder } from './under-memory.ts';
