import type { MemoryOverrides } from '../memory-settings.ts';

/**
 * What a memory is told once the beginning of its story is left out: pins and bans are counted from what remains, and those of
 * frames that are gone go with them.
 * @param frames latent frames that are left out
 */
export function memoryFrom(memory: MemoryOverrides, frames: number): MemoryOverrides {
  if (frames === 0) return memory;
  const { pins, bans, ...settings } = memory;
  return {
    ...settings,
    ...(pins && {
      pins: pins.flatMap((pin) => (pin.frame < frames ? [] : [{ ...pin, frame: pin.frame - frames }])),
    }),
    ...(bans && { bans: bans.flatMap((frame) => (frame < frames ? [] : [frame - frames])) }),
  };
}
