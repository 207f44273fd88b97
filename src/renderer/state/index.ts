export { api, desktopBridge, shownError } from './client.ts';
export { allSent, dispatch, newGesture, newShotId, redo, undo } from './commands.ts';
export { useLivePreview } from './live-preview.ts';
export { atRevision, forProject, heard, revisionOf } from './made-for.ts';
export { footageUrl, frameUrl, stripUrl, thumbUrl } from './media.ts';
export {
  type ChunkPlace,
  clearSelection,
  leaveSound,
  type RecallMode,
  type Selection,
  selectChunk,
  selectShots,
  selectSound,
  setActiveCut,
  setPlayhead,
  useSelection,
} from './selection.ts';
export { showCutOf } from './show-cut.ts';
export { followStory, type SelectedChunk, type Story, useActiveCut, useSelectedChunk, useStory } from './story.ts';
export { followStudio, type StudioState, useReadOnly, useStudio } from './studio.ts';
export { attempt, type Notice, notify, settle } from './toasts.ts';
export { endTyping, Typing } from './typing.ts';
export { untilSeen } from './until-seen.ts';
