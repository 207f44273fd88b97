import css from './first-frame.module.css';

export interface FirstFrameProps {
  /** Address of frames one below the other. */
  readonly src: string;
  /** Of one frame, width by height. */
  readonly aspect: number;
  readonly alt: string;
}

/** The first of a strip of frames, over the whole of its positioned parent, whose shape may be another. */
export function FirstFrame({ src, aspect, alt }: FirstFrameProps) {
  return (
    <span className={css.window}>
      <span className={css.frame} style={{ aspectRatio: aspect }}>
        <img src={src} alt={alt} draggable={false} />
      </span>
    </span>
  );
}
