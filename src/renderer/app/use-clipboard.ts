import { useEffect } from 'react';
import { insertScript, scriptOfText, takeFile } from '../actions/files.ts';
import { copyShots, deleteSelected, isCopied, pasteJson, pasteShots, shotsMimeType } from '../actions/shots.ts';
import { copySound, pasteSound, soundMimeType, takeAwaySound } from '../sound/sound-clipboard.ts';
import { addSoundFile, isSoundFile, playheadSample } from '../sound/sound-files.ts';
import { useSelection, useStudio } from '../state/index.ts';

/** Where copying and pasting are about text. */
const textPlaces = 'input, textarea, [role=dialog]';

/**
 * Copying or cutting outside text fields takes the selected sound, or the selected shots, to other programs as a plain-text story; pasting takes shots
 * that were copied, here or in another window, else a script's text or file. All of it goes after the selected shot.
 */
export function useClipboard(): void {
  useEffect(() => {
    const onCopy = (event: ClipboardEvent) => {
      if (isText(event) || window.getSelection()?.toString()) return false;
      const sound = copySound();
      const copied = sound ?? copyShots();
      if (!copied) return false;
      event.clipboardData?.setData('text/plain', copied.text);
      event.clipboardData?.setData(sound ? soundMimeType : shotsMimeType, copied.json);
      event.preventDefault();
      return true;
    };
    const onCut = (event: ClipboardEvent) => {
      if (useStudio.getState().project?.readOnly || !onCopy(event)) return;
      useSelection.getState().sound ? takeAwaySound() : deleteSelected();
    };
    const onPaste = (event: ClipboardEvent) => {
      if (isText(event)) return;
      const file = event.clipboardData?.files[0];
      const text = event.clipboardData?.getData('text/plain') ?? '';
      const shots = event.clipboardData?.getData(shotsMimeType) ?? '';
      const sound = event.clipboardData?.getData(soundMimeType) ?? '';
      if (sound !== '' && useStudio.getState().project && pasteSound(sound)) return;
      if (file && isSoundFile(file) && useStudio.getState().project) void addSoundFile(file, playheadSample());
      else if (file) void takeFile(file);
      else if (shots !== '' && useStudio.getState().project && pasteJson(shots)) return;
      else if (isCopied(text)) pasteShots();
      else if (looksLikeScript(text)) void insertScript(scriptOfText(text));
    };
    window.addEventListener('copy', onCopy);
    window.addEventListener('cut', onCut);
    window.addEventListener('paste', onPaste);
    return () => {
      window.removeEventListener('copy', onCopy);
      window.removeEventListener('cut', onCut);
      window.removeEventListener('paste', onPaste);
    };
  }, []);
}

function isText({ target }: ClipboardEvent): boolean {
  return target instanceof Element && target.closest(textPlaces) !== null;
}

/** A line or more of prose or JSON, rather than a word that was still in the clipboard. */
function looksLikeScript(text: string): boolean {
  return text.trim().length > 20 && (/^\s*[[{]/.test(text) || /\n/.test(text.trim()) || /[.!?]\s*$/.test(text));
}
