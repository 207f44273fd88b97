import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ThroughlineError } from '../../../shared/errors.ts';

/** What an edit must know of a model: known from its `config.json`, without loading it. */
const timingSchema = z.object({
  video: z.object({ width: z.int().positive(), height: z.int().positive(), fps: z.number().positive() }),
  decoder: z.looseObject({ outputScale: z.int().min(1).default(1) }),
  sampler: z.object({ chunkFrames: z.int().positive() }),
});

export interface ModelTiming {
  /** Frames as they are drawn. */
  readonly video: { readonly width: number; readonly height: number; readonly fps: number };
  readonly chunkFrames: number;
}

/** @throws ThroughlineError `model-missing` if there is no model in the folder, `model-inconsistent` if its config is none */
export async function modelTiming(folder: string): Promise<ModelTiming> {
  const file = join(folder, 'config.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new ThroughlineError('model-missing', `There is no model in ${folder}.`, 'Name another folder.', { cause });
  }
  try {
    const { video, decoder, sampler } = timingSchema.parse(JSON.parse(text));
    const width = video.width * decoder.outputScale;
    const height = video.height * decoder.outputScale;
    return { video: { width, height, fps: video.fps }, chunkFrames: sampler.chunkFrames };
  } catch (cause) {
    throw new ThroughlineError(
      'model-inconsistent',
      `${file} is not a model's configuration.`,
      'Get the model again.',
      {
        cause,
      },
    );
  }
}
