/** Frames to files: MP4 films that are checked by decoding them again, and contact sheets. */
export type { Chapter } from './chapters.ts';
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
export { defaultTargetHeight, filmSize, type PictureSize } from './geometry.ts';
export type { FilmMetadata } from './mp4-mux.ts';
export type { FrameMark, SheetContent, SheetFrame, SheetRow } from './sheet-layout.ts';
