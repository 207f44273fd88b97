import { useEffect, useEffectEvent } from 'react';

/** Ways to close what lies open, the topmost last. */
const layers: (() => void)[] = [];

/**
 * Escape closes it while it is on the screen, unless something lies over it. For panes and views of our own: dialogs and
 * menus see to themselves.
 */
export function useLayer(close: () => void): void {
  const run = useEffectEvent(close);
  useEffect(() => {
    const layer = () => run();
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, []);
}

/** Closes the topmost; false where nothing lies open. */
export function closeTopLayer(): boolean {
  const top = layers.at(-1);
  top?.();
  return top !== undefined;
}
