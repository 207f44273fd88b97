import { geometryOf, type ModelConfig } from '../config.ts';
import type { TensorEntry } from '../safetensors.ts';
import { exactTypes, type TypePlan } from '../type-plan.ts';
import { taehvDecoder } from './taehv.ts';
import { taehvEncoder } from './taehv-encoder.ts';
import type { VideoDecoder, VideoEncoder } from './video-decoder.ts';
import { wanVaeDecoder, wanVaeEncoder } from './wan-vae.ts';

export { taehvDecoder } from './taehv.ts';
export { taehvEncoder } from './taehv-encoder.ts';
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

/**
 * The encoder of a model's pictures.
 * @param weights of the decoder and of the encoder
 */
export function encoderOf(config: ModelConfig, weights: ReadonlyMap<string, TensorEntry>): VideoEncoder {
  const { latentHeight: height, latentWidth: width } = geometryOf(config);
  const latent = { channels: config.latent.channels, height, width };
  switch (config.decoder.kind) {
    case 'taehv':
      return taehvEncoder(config.decoder, latent, weights);
    case 'wan-vae':
      return wanVaeEncoder(config.decoder, latent, weights);
  }
}
