import { type Canvas, createCanvas, ImageData, type SKRSContext2D } from '@napi-rs/canvas';
import type { PictureSize } from '../geometry.ts';
import { createUpscaler } from '../resample.ts';

/** Width over height of the whole picture; `film` keeps the model's. */
export const aspects = { film: null, '16:9': 16 / 9, '2.39:1': 2.39, '4:3': 4 / 3, '1:1': 1, '9:16': 9 / 16 } as const;
export type Aspect = keyof typeof aspects;
export const aspectNames = Object.keys(aspects) as [Aspect, ...Aspect[]];

/** How the film's picture fills another aspect: black bars, or its middle enlarged until nothing is empty. */
export type Fit = 'letterbox' | 'crop';

export interface StageOptions {
  readonly source: PictureSize;
  /** Height of the whole picture in pixels, made even. */
  readonly height: number;
  readonly aspect: Aspect;
  readonly fit: Fit;
}

/** A canvas that frames are set on, enlarged by the clean filter, so that something can be drawn over them. */
export interface Stage {
  readonly size: PictureSize;
  /** Where the film's picture lies on the canvas, without the bars beside it. */
  readonly picture: PictureSize & { readonly x: number; readonly y: number };
  readonly canvas: Canvas;
  readonly context: SKRSContext2D;
  /** Sets a frame on the canvas. @param rgb [source.height, source.width, 3] */
  show(rgb: Uint8Array): void;
  /** The canvas as it is now: [size.height, size.width, 3]; valid until the next call. */
  rgb(): Uint8Array;
}

/** Size of the whole picture of a stage. */
export function stageSize({ source, height, aspect }: Omit<StageOptions, 'fit'>): PictureSize {
  const ratio = aspects[aspect] ?? source.width / source.height;
  return { width: even(height * ratio), height: even(height) };
}

export function createStage({ source, height, aspect, fit }: StageOptions): Stage {
  const size = stageSize({ source, height, aspect });
  const scales = [size.width / source.width, size.height / source.height];
  const scale = fit === 'crop' ? Math.max(...scales) : Math.min(...scales);
  const picture = { width: Math.round(source.width * scale), height: Math.round(source.height * scale) };
  // The filter only enlarges; a smaller picture is left to the canvas.
  const drawn = scale >= 1 ? picture : source;
  const upscaler = createUpscaler(source, drawn);
  const layer = createCanvas(drawn.width, drawn.height);
  const layerContext = layer.getContext('2d');
  const image = new ImageData(drawn.width, drawn.height);
  const canvas = createCanvas(size.width, size.height);
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  const out = new Uint8Array(size.width * size.height * 3);
  const x = Math.round((size.width - picture.width) / 2);
  const y = Math.round((size.height - picture.height) / 2);
  return {
    size,
    picture: {
      ...{ x: Math.max(0, x), y: Math.max(0, y) },
      ...{ width: Math.min(size.width, picture.width), height: Math.min(size.height, picture.height) },
    },
    canvas,
    context,
    show(rgb) {
      fillRgba(image.data, upscaler.apply(rgb));
      layerContext.putImageData(image, 0, 0);
      context.fillStyle = '#000';
      context.fillRect(0, 0, size.width, size.height);
      context.drawImage(layer, x, y, picture.width, picture.height);
    },
    rgb() {
      const { data } = context.getImageData(0, 0, size.width, size.height);
      for (let i = 0, o = 0; o < out.length; i += 4, o += 3) {
        out[o] = data[i] as number;
        out[o + 1] = data[i + 1] as number;
        out[o + 2] = data[i + 2] as number;
      }
      return out;
    },
  };
}

function fillRgba(rgba: Uint8ClampedArray, rgb: Uint8Array): void {
  for (let i = 0, o = 0; i < rgb.length; i += 3, o += 4) {
    rgba[o] = rgb[i] as number;
    rgba[o + 1] = rgb[i + 1] as number;
    rgba[o + 2] = rgb[i + 2] as number;
    rgba[o + 3] = 255;
  }
}

function even(pixels: number): number {
  return Math.max(2, Math.round(pixels / 2) * 2);
}
