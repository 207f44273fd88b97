import { useEffect } from 'react';
import { importText, takeFile } from '../actions/files.ts';
import { copyShots, isCopied, pasteShots } from '../actions/shots.ts';

/** Where copying and pasting are about text. */
const textPlaces = 'input, textarea, [role=dialog]';

/**
 * Copying outside text fields copies the selected shots, to other programs as a plain-text story; pasting takes shots
 * that were copied, else a script's text or file.
 */
export function useClipboard(): void {
  useEffect(() => {
    const onCopy = (event: ClipboardEvent) => {
      if (isText(event) || window.getSelection()?.toString()) return;
      const text = copyShots();
      if (text === null) return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
    };
    const onPaste = (event: ClipboardEvent) => {
      if (isText(event)) return;
      const file = event.clipboardData?.files[0];
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (file) void takeFile(file);
      else if (isCopied(text)) pasteShots();
      else if (looksLikeScript(text)) void importText(text);
    };
    window.addEventListener('copy', onCopy);
    window.addEventListener('paste', onPaste);
    return () => {
      window.removeEventListener('copy', onCopy);
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
