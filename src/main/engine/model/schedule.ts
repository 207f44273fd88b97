/** One denoising step. */
export interface ScheduleStep {
  /** What the model is told, on the 0..1000 scale. */
  readonly timestep: number;
  /** Share of noise: x = (1 - sigma) * x0 + sigma * noise. */
  readonly sigma: number;
}

/**
 * The flow-matching schedule with its timestep shift (model reference A): s = 1 - i/1000,
 * sigma = shift*s / (1 + (shift-1)*s), timestep = 1000*sigma; nominal step n is i = 1000 - n.
 * @param nominalSteps in 1..1000, falling
 */
export function schedule(nominalSteps: readonly number[], shift: number): ScheduleStep[] {
  return nominalSteps.map((nominal) => {
    const s = nominal / 1000;
    const sigma = (shift * s) / (1 + (shift - 1) * s);
    return { sigma, timestep: 1000 * sigma };
  });
}

/** Sinusoidal features of a timestep, [cos(t w_i), sin(t w_i)] with w_i = 10000^(-i/(freqDim/2)); in doubles, then fp32. */
export function timeFeatures(timestep: number, freqDim: number): Float32Array {
  const half = freqDim / 2;
  return Float32Array.from({ length: freqDim }, (_, i) => {
    const angle = timestep * 10000 ** (-(i % half) / half);
    return i < half ? Math.cos(angle) : Math.sin(angle);
  });
}
