import { z } from 'zod';
import { create } from 'zustand';
import { persist } from 'zustand/middleware';

const optionsSchema = z.record(z.string(), z.json());
export type Options = z.infer<typeof optionsSchema>;

const choicesSchema = z.object({ format: z.string(), options: z.record(z.string(), optionsSchema) });

/** How a person exported last, for each format: kept in this browser. */
interface Choices {
  readonly format: string;
  /** By format; `fps` among them, null for the model's own. */
  readonly options: Readonly<Record<string, Options>>;
}

export const useExportChoices = create<Choices>()(
  persist((): Choices => ({ format: 'mp4', options: {} }), {
    name: 'throughline-export',
    version: 1,
    merge: (kept, fresh) => choicesSchema.safeParse(kept).data ?? fresh,
  }),
);

export function keepChoice(choice: Partial<Choices>): void {
  useExportChoices.setState(choice);
}

/** Changes options of one format. */
export function keepOptions(format: string, changed: Options): void {
  useExportChoices.setState(({ options }) => ({
    options: { ...options, [format]: { ...options[format], ...changed } },
  }));
}
