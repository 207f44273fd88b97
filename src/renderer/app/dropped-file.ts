import { isPictureFile } from '../inspector/pictures/picture-files.ts';
import { isSoundFile } from '../sound/sound-files.ts';

/** What a dropped file becomes, or why a sound or a picture has no place yet. A story or project says for itself what it is. */
export type DroppedAs =
  | { readonly kind: 'sound' | 'project or script' }
  | { readonly kind: 'picture'; readonly shotId: string }
  | { readonly kind: 'no place'; readonly message: string; readonly hint: string };

/**
 * @param hasFilm whether the open project has a shot that plays
 * @param shotId the selected shot
 */
export function droppedAs(file: File, hasFilm: boolean, shotId: string | null): DroppedAs {
  if (isSoundFile(file)) {
    if (hasFilm) return { kind: 'sound' };
    const hint = 'Open a project, or write its first shot, and drop it again.';
    return { kind: 'no place', message: `"${file.name}" is a sound, and there is no film yet to lay it under.`, hint };
  }
  if (isPictureFile(file)) {
    if (shotId !== null) return { kind: 'picture', shotId };
    const hint = 'Select the shot that shall remember it, and drop it again.';
    return { kind: 'no place', message: `"${file.name}" is a picture, and no shot is selected.`, hint };
  }
  return { kind: 'project or script' };
}
