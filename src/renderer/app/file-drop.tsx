import { useEffect, useState } from 'react';
import { sampleOfFrame } from '../../shared/sound/frame-samples.ts';
import { takeFile } from '../actions/files.ts';
import { addPicture } from '../inspector/pictures/picture-files.ts';
import { lineFrameCount } from '../memory/line/line.ts';
import { usePlayer } from '../player/transport.ts';
import { addSoundFile, playheadSample } from '../sound/sound-files.ts';
import { notify, useSelection } from '../state/index.ts';
import { droppedAs } from './dropped-file.ts';
import css from './shell.module.css';

/** Project and script files may be dropped anywhere, and sounds too: over the film's strip they go where they were dropped. */
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
      const at = dropSample(event);
      const { shotId } = useSelection.getState();
      for (const file of event.dataTransfer?.files ?? []) {
        const as = droppedAs(file, hasFilm(), shotId);
        if (as.kind === 'sound') void addSoundFile(file, at);
        else if (as.kind === 'picture') void addPicture(file, as.shotId, 'memory');
        else if (as.kind === 'no place') notify({ level: 'error', message: as.message, hint: as.hint });
        else void takeFile(file);
      }
    };
    // A window over the app may take what is dropped for itself; the hint goes all the same.
    const onAnyDrop = () => setOver(false);
    window.addEventListener('drop', onAnyDrop, true);
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('drop', onAnyDrop, true);
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, []);
  return over ? <div className={css.dropHint}>Drop a project, a script, a sound or a picture</div> : null;
}

function hasFilm(): boolean {
  return usePlayer.getState().line.chunks.length > 0;
}

/** Where on the film a sound was dropped: at its place on the strip, elsewhere at the playhead. */
function dropSample({ target, clientX }: DragEvent): number {
  const strip = target instanceof Element ? target.closest('[data-film-time]') : null;
  const { line } = usePlayer.getState();
  if (!strip) return playheadSample();
  const { left, width } = strip.getBoundingClientRect();
  const frame = Math.floor(((clientX - left) / Math.max(1, width)) * lineFrameCount(line));
  return sampleOfFrame(Math.max(0, frame), line.fps);
}
