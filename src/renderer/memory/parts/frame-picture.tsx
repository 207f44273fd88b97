import { cx } from '../../ui/index.ts';
import type { FrameLabel } from '../line/line.ts';
import css from './frame-picture.module.css';

export interface FramePictureProps {
  readonly label: FrameLabel;
  readonly className?: string | undefined;
}

/** The picture of a latent frame, or a plain card where there is none. Decoration: its name stands beside it. */
export function FramePicture({ label, className }: FramePictureProps) {
  if (!label.picture) return <span className={cx(css.picture, css.none, className)} />;
  return <img className={cx(css.picture, className)} src={label.picture} alt="" loading="lazy" draggable={false} />;
}
