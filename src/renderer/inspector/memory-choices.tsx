import { choicesOf, type MemoryMode, type MemorySetting, memoryKind } from '../../shared/memories/index.ts';
import type { PolicyName } from '../../shared/memory-settings.ts';
import { useStudio } from '../state/index.ts';

/** What shots of this model may look back on, for a list to choose from. */
export function useMemoryChoices(): readonly { readonly value: PolicyName; readonly text: string }[] {
  const model = useStudio((state) => state.model);
  return choicesOf(model ?? withoutModel).map(({ policy, name, short }) => ({
    value: policy,
    text: `${name}: ${short}`,
  }));
}

/** What can be set of this model's memory. */
export function useMemorySettings(): readonly MemorySetting[] {
  return memoryKind(useMode()).settings;
}

const withoutModel = { memory: { mode: 'paper' } } as const;

/** While no model is loaded, the built-in one's. */
function useMode(): MemoryMode {
  return useStudio((state) => state.model?.memory.mode) ?? withoutModel.memory.mode;
}
