/** A cut to files: films that are checked by decoding them again, contact sheets, and every other format. */

export { panelCounts, panelFields as boardFieldNames } from './boards/options.ts';
export type { Chapter } from './chapters.ts';
export { i420ToRgb } from './colour.ts';
export { writeContactSheet } from './contact-sheet.ts';
export {
  compareFilm,
  type DecodedFrame,
  decodeFilm,
  type FilmCheck,
  type FilmComparison,
  verifyFilm,
} from './film-reader.ts';
export { type FilmOptions, type FilmSummary, type FilmWriter, openFilm } from './film-writer.ts';
export { burnInFields as burnInNames } from './formats/film-options.ts';
export type { FilmFrame, FrameSink, Written } from './formats/format.ts';
export { type AnyFormat, exportFormats, formatNamed, formatOfEnding } from './formats/index.ts';
export { defaultTargetHeight, filmSize, type PictureSize } from './geometry.ts';
export type { FilmMetadata } from './mp4-mux.ts';
export { aspectNames } from './pictures/stage.ts';
export type { FrameMark, SheetContent, SheetFrame, SheetRow } from './sheet-layout.ts';
export type { FilmSound } from './sound/mixer.ts';
