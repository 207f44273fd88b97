import { useEffect, useState } from 'react';
import { importScript, openFile } from '../actions/files.ts';
import { desktopBridge, notify } from '../state/index.ts';
import css from './shell.module.css';

/** Largest script that is read; the contract allows no more. */
const maxScriptBytes = 20_000_000;

/** Project and script files may be dropped anywhere, and a script's text pasted outside text fields. */
export function FileDrop() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      for (const file of event.dataTransfer?.files ?? []) void take(file);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (event.target instanceof Element && event.target.closest('input, textarea, [role=dialog]')) return;
      const file = event.clipboardData?.files[0];
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (file) void take(file);
      else if (looksLikeScript(text)) void importScript('pasted.txt', text);
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    window.addEventListener('paste', onPaste);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
      window.removeEventListener('paste', onPaste);
    };
  }, []);
  return over ? <div className={css.dropHint}>Drop a project or a script</div> : null;
}

/** A line or more of prose or JSON, rather than a word that was still in the clipboard. */
function looksLikeScript(text: string): boolean {
  return text.trim().length > 20 && (/^\s*[[{]/.test(text) || /\n/.test(text.trim()) || /[.!?]\s*$/.test(text));
}

async function take(file: File): Promise<void> {
  if (file.name.endsWith('.throughline')) {
    const path = desktopBridge()?.pathForFile(file);
    if (path) await openFile(path);
    else {
      notify({
        level: 'info',
        message: 'A browser does not say where a dropped project lies.',
        hint: 'Open it by its path instead: Menu, Open…',
      });
    }
    return;
  }
  if (file.size > maxScriptBytes) {
    notify({ level: 'error', message: `${file.name} is too big to be a script.`, hint: 'Scripts have at most 20 MB.' });
    return;
  }
  await importScript(file.name, await file.text());
}
