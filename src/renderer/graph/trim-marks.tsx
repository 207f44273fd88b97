import type { ProjectShot } from '../../shared/project/document.ts';
import { framesOfShot } from '../../shared/project/require-trims.ts';
import { isTrimmed, shownPart } from '../../shared/trim.ts';
import { useStudio } from '../state/index.ts';
import css from './shot-node.module.css';

/** What is trimmed off a shot, shaded over its pictures: a card is as long as what is made, not as what is shown. */
export function TrimMarks({ shot }: { readonly shot: ProjectShot }) {
  const chunkFrames = useStudio((state) => state.model?.chunkFrames ?? null);
  if (chunkFrames === null || !isTrimmed(shot.trim)) return null;
  const frames = framesOfShot(shot, chunkFrames);
  const { head, shown, tail } = shownPart(shot.trim, frames);
  const width = (off: number) => `${(100 * off) / frames}%`;
  const title = `Trimmed: ${shown} of ${frames} frames are shown`;
  return (
    <div className={css.trims} role="img" aria-label={title} title={title}>
      {head > 0 && <i data-edge="head" style={{ width: width(head) }} />}
      {tail > 0 && <i data-edge="tail" style={{ width: width(tail) }} />}
    </div>
  );
}
