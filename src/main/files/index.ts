/** Files that are read and written: whole or not at all, under names that every system takes, and only where allowed. */
export { writeFileAtomically, writeSmallFile } from './atomic-file.ts';
export { fileNameOf, numbered, unusedName } from './file-names.ts';
export { removeLeftovers, removeTemporary, temporaryName } from './leftovers.ts';
export { PathDoor, type PathDoorOptions, type PathUse } from './path-door.ts';
export {
  type FileId,
  fileIdOf,
  freeBytesAt,
  isSameFile,
  makeFolder,
  requireRegularFile,
  requireWritable,
} from './place.ts';
export { lookAtTarget, patiently, putInPlace, type Target } from './target.ts';
export { errnoOf, writeError } from './write-error.ts';
