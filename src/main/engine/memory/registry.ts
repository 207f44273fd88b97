import type { MemorySettings } from '../../../shared/memory-settings.ts';
import { emaSinkMemory } from './ema-sink/index.ts';
import { framepackMemory } from './framepack/index.ts';
import { magMemory } from './mag/index.ts';
import { memorypackMemory } from './memorypack/index.ts';
import type { MemoryLayout, MemoryModule } from './module.ts';
import { paperMemory } from './paper/index.ts';
import { releasedMemory } from './released/index.ts';

const modules: Readonly<Record<MemorySettings['mode'], (layout: MemoryLayout) => MemoryModule>> = {
  paper: paperMemory,
  released: releasedMemory,
  mag: magMemory,
  framepack: framepackMemory,
  memorypack: memorypackMemory,
  'ema-sink': emaSinkMemory,
};

/** The module that settings of this mode ask for. */
export function memoryModule(mode: MemorySettings['mode'], layout: MemoryLayout): MemoryModule {
  return modules[mode](layout);
}
