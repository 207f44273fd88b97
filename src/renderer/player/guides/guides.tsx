import { useLooks } from '../looks.ts';
import { type Area, maskedArea, masks, safeShares, shrunk } from './areas.ts';
import css from './guides.module.css';

export interface GuidesProps {
  /** Of the picture, width by height. */
  readonly aspect: number;
  /** Before an audience: no lines, and what a mask hides is black. */
  readonly presenting?: boolean;
}

/** Lines over the picture that belong to whoever frames it, and not to the film. */
export function Guides({ aspect, presenting = false }: GuidesProps) {
  const { thirds, safeAreas, centre, mask } = useLooks();
  const shape = masks.find(({ name }) => name === mask)?.aspect ?? aspect;
  const seen = maskedArea(aspect, shape);
  const lines = !presenting && (thirds || safeAreas || centre);
  if (!lines && mask === null) return null;
  return (
    <svg className={css.guides} viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true" data-guides="">
      {mask !== null && (
        <path className={css.mask} data-presenting={presenting || undefined} d={`${box(unit)}${box(seen)}`} />
      )}
      {/* Each line twice: dark below light, to be seen on every picture. */}
      {lines &&
        [css.dark, css.light].map((name) => (
          <g key={name} className={name}>
            {thirds && <path d={grid(seen)} data-guide="thirds" />}
            {safeAreas && <path d={box(shrunk(seen, safeShares.action))} data-guide="action" />}
            {safeAreas && <path d={box(shrunk(seen, safeShares.title))} data-guide="title" strokeDasharray="6 5" />}
            {centre && <path d={cross(seen, aspect)} data-guide="centre" />}
          </g>
        ))}
    </svg>
  );
}

const unit: Area = { x: 0, y: 0, width: 1, height: 1 };

function box({ x, y, width, height }: Area): string {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}

function grid({ x, y, width, height }: Area): string {
  const thirds = [1 / 3, 2 / 3];
  return [
    ...thirds.map((at) => `M${x + at * width} ${y}v${height}`),
    ...thirds.map((at) => `M${x} ${y + at * height}h${width}`),
  ].join('');
}

/** A cross in the middle, its arms equally long on the screen. */
function cross({ x, y, width, height }: Area, aspect: number): string {
  const arm = 0.03;
  return `M${x + width / 2 - arm} ${y + height / 2}h${2 * arm}M${x + width / 2} ${y + height / 2 - arm * aspect}v${2 * arm * aspect}`;
}
