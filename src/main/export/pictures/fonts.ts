import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { GlobalFonts } from '@napi-rs/canvas';

/** Regular and semibold of every script Inter covers; other scripts fall back to the system's fonts. */
const family = 'Throughline Sheet';
const scripts = ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'greek-ext', 'vietnamese'] as const;
const weights = [400, 600] as const;

/** The font list of everything we draw, as a canvas takes it, without weight and size. */
export const families = [...scripts.map((script) => `"${family} ${script}"`), 'sans-serif'].join(', ');

let areFontsRegistered = false;

/** The fonts come with the application, so a sheet looks the same on a machine without any. Idempotent. */
export function registerFonts(): void {
  if (areFontsRegistered) return;
  const { resolve } = createRequire(import.meta.url);
  for (const script of scripts) {
    for (const weight of weights) {
      const file = resolve(`@fontsource/inter/files/inter-${script}-${weight}-normal.woff2`);
      // Read here: the drawing library cannot open files inside a packaged application's archive.
      GlobalFonts.register(readFileSync(file), `${family} ${script}`);
    }
  }
  areFontsRegistered = true;
}
