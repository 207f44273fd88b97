import { geometryOf, type ModelConfig } from '../config.ts';
import type { TensorEntry } from '../safetensors.ts';
import { exactTypes, type TypePlan } from '../type-plan.ts';
import { taehvDecoder } from './taehv.ts';
import type { VideoDecoder } from './video-decoder.ts';
import { wanVaeDecoder } from './wan-vae.ts';

export { taehvDecoder } from './taehv.ts';
export { framesPerLatent, type VideoDecoder, type VideoEncoder } from './video-decoder.ts';
export { wanVaeDecoder, wanVaeEncoder } from './wan-vae.ts';

/** The decoder that a model's configuration names. */
export function decoderOf(
  config: ModelConfig,
  weights: ReadonlyMap<string, TensorEntry>,
  types: TypePlan = exactTypes,
): VideoDecoder {
  const { latentHeight: height, latentWidth: width } = geometryOf(config);
  const latent = { channels: config.latent.channels, height, width };
  switch (config.decoder.kind) {
    case 'taehv':
      return taehvDecoder(config.decoder, latent, weights, types.taehv);
    case 'wan-vae':
      return wanVaeDecoder(config.decoder, latent, weights);
  }
}
