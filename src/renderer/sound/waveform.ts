import { peakSamples, peaksBetween } from '../../shared/sound/peaks.ts';
import type { SoundClip } from '../../shared/sound/sound-clip.ts';

/** Peaks of recordings, as they are asked for: a kilobyte for three seconds. */
const known = new Map<string, Int8Array | Promise<void>>();
const listeners = new Set<() => void>();
/** Recordings whose peaks are kept. */
const mostKnown = 100;

/** The peaks of a recording; null while they are on their way. */
export function peaksOf(asset: string): Int8Array | null {
  const found = known.get(asset);
  if (found) return found instanceof Int8Array ? found : null;
  known.set(asset, load(asset));
  for (const oldest of known.keys()) {
    if (known.size <= mostKnown) break;
    known.delete(oldest);
  }
  return null;
}

/** Calls `listen` when peaks came. @returns stops that */
export function onPeaks(listen: () => void): () => void {
  listeners.add(listen);
  return () => listeners.delete(listen);
}

async function load(asset: string): Promise<void> {
  let peaks = new Int8Array();
  try {
    const answer = await fetch(`/media/sound/${asset}/peaks`);
    if (answer.ok) peaks = new Int8Array(await answer.arrayBuffer());
  } catch {} // without peaks a clip is drawn as a line
  known.set(asset, peaks);
  for (const listen of listeners) listen();
}

/**
 * Draws what is heard of a clip, with its gain and fades, from one of its samples on. The canvas is cleared.
 * @param from the clip's sample at the left edge
 * @param samplesPerPixel of the page's pixels
 */
export function drawWaveform(
  canvas: HTMLCanvasElement,
  clip: SoundClip,
  peaks: Int8Array,
  { from, samplesPerPixel, color }: { readonly from: number; readonly samplesPerPixel: number; readonly color: string },
  gainAt: (sample: number) => number,
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.max(1, Math.round(width * devicePixelRatio));
  canvas.height = Math.max(1, Math.round(height * devicePixelRatio));
  context.scale(devicePixelRatio, devicePixelRatio);
  context.fillStyle = color;
  const middle = height / 2;
  for (let x = 0; x < width; x++) {
    const sample = from + x * samplesPerPixel;
    if (sample >= clip.lengthSamples) break;
    const at = (clip.inSamples + sample) / peakSamples;
    const [low, high] = peaksBetween(peaks, at, at + samplesPerPixel / peakSamples);
    const gain = gainAt(sample + samplesPerPixel / 2);
    const top = middle - Math.min(1, high * gain) * (middle - 1);
    const bottom = middle + Math.min(1, -low * gain) * (middle - 1);
    context.fillRect(x, top, 1, Math.max(0.75, bottom - top));
  }
}
