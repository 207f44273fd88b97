import { useEffect } from 'react';
import { useStudio } from '../state/index.ts';

/** Puts the chosen theme and motion on the document, following the system where that is the choice. */
export function useTheme(): void {
  const theme = useStudio((state) => state.settings?.theme ?? 'dark');
  const motion = useStudio((state) => state.settings?.reducedMotion ?? 'system');
  useEffect(() => {
    const light = window.matchMedia('(prefers-color-scheme: light)');
    const still = window.matchMedia('(prefers-reduced-motion: reduce)');
    const apply = () => {
      const { dataset } = document.documentElement;
      dataset.theme = theme === 'system' ? (light.matches ? 'light' : 'dark') : theme;
      dataset.motion = motion === 'on' || still.matches ? 'reduced' : 'full';
    };
    apply();
    light.addEventListener('change', apply);
    still.addEventListener('change', apply);
    return () => {
      light.removeEventListener('change', apply);
      still.removeEventListener('change', apply);
    };
  }, [theme, motion]);
}
