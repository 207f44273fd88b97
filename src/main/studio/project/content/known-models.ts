import type { ModelInfo } from '../../../../shared/render.ts';

/** More models than a story goes through. */
const mostKnown = 16;

/** Where it stands in the project's table of facts; `model` held one alone, the last. */
type Facts = Readonly<Partial<Record<'models' | 'model', string>>>;

/**
 * What the models of a story said of themselves when they were loaded: with it keys are told, and pictures shown, while
 * another model is loaded or none.
 */
export class KnownModels {
  /** Newest last. */
  #models: readonly ModelInfo[];

  private constructor(models: readonly ModelInfo[]) {
    this.#models = models;
  }

  /** Written by ourselves; what an older version wrote is forgotten rather than trusted. */
  static read({ models, model }: Facts): KnownModels {
    const known = [...parse(models ?? `[${model ?? ''}]`)].filter(isModelInfo);
    return new KnownModels(known);
  }

  get text(): string {
    return JSON.stringify(this.#models);
  }

  /** The one that was noted last. */
  get last(): ModelInfo | null {
    return this.#models.at(-1) ?? null;
  }

  /** By digest. */
  get names(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#models.map(({ digest, name }) => [digest, name]));
  }

  withDigest(digest: string): ModelInfo | null {
    return this.#models.findLast((model) => model.digest === digest) ?? null;
  }

  /** @returns whether that was news */
  note(model: ModelInfo): boolean {
    if (JSON.stringify(model) === JSON.stringify(this.last)) return false;
    this.#models = [...this.#models.filter(({ digest }) => digest !== model.digest), model].slice(-mostKnown);
    return true;
  }
}

function parse(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function isModelInfo(value: unknown): value is ModelInfo {
  const model = value as ModelInfo | null;
  return typeof model?.digest === 'string' && typeof model.memory?.policy === 'string';
}
