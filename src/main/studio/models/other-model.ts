import type { InstalledModel } from '../../../shared/models.ts';

/** A model by what it is called, and what it is. */
interface NamedModel {
  readonly name: string;
  readonly digest: string;
}

/**
 * What a person is told who opens a project that another model made than the one that is loaded: its keys are of that
 * model, so that without a word every shot would look as if it had been changed.
 * @param made the model that the project was last open with; null where it never was
 * @param installed where the first is looked for, to say by which name it can be used
 * @returns null where there is nothing to say
 */
export function otherModelNotice(
  title: string,
  made: NamedModel | null,
  loaded: NamedModel,
  installed: readonly InstalledModel[],
): { readonly message: string; readonly hint: string } | null {
  if (made === null || made.digest === loaded.digest) return null;
  const message =
    made.name === loaded.name
      ? `"${title}" was last open with other weights of ${made.name} than those in use.`
      : `"${title}" was last open with the model ${made.name}; ${loaded.name} is in use.`;
  const there = installed.find(({ state }) => state.kind === 'ready' && state.digest === made.digest);
  const way = there ? `choose ${there.id} under Models` : `choose ${made.name} under Models, or its folder in Settings`;
  return { message, hint: `Shots are made anew with the model in use. To go on with what is there, ${way}.` };
}
