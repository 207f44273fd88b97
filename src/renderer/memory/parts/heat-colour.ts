/** Stops of the sequential scale, dark to bright (light theme: pale to deep); their colours are in panel.module.css. */
const stops = ['var(--heat-0)', 'var(--heat-1)', 'var(--heat-2)', 'var(--heat-3)'] as const;

/** A shade (0..1) as a colour: one hue, lightness strictly rising, so that it reads without colour vision. */
export function heatColour(shade: number): string {
  const place = Math.min(1, Math.max(0, shade)) * (stops.length - 1);
  const from = Math.min(stops.length - 2, Math.floor(place));
  const percent = Math.round((place - from) * 100);
  return `color-mix(in oklab, ${stops[from + 1]} ${percent}%, ${stops[from]})`;
}

/** Ink that stays legible (4.5:1) on {@link heatColour} of the same shade. */
export function heatInk(shade: number): string {
  return shade < 0.55 ? 'var(--heat-ink-low)' : 'var(--heat-ink-high)';
}

/** The whole scale, as a gradient for legends. */
export const heatGradient = `linear-gradient(to right in oklab, ${stops.join(', ')})`;
