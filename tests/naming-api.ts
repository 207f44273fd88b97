import { contract } from '../src/shared/api/contract.ts';

type Named = 'project' | 'revision';

/** A client whose calls need not say what they are made for. */
export type NamingApi<Api> = Api extends (...args: infer Args) => infer Answer
  ? Args[0] extends { readonly project: string }
    ? (
        ...input: keyof Omit<Args[0], Named> extends never
          ? []
          : Record<never, never> extends Omit<Args[0], Named>
            ? [(Omit<Args[0], Named> & Partial<Pick<Args[0], Named & keyof Args[0]>>)?]
            : [Omit<Args[0], Named> & Partial<Pick<Args[0], Named & keyof Args[0]>>]
      ) => Answer
    : Api
  : { [Name in keyof Api]: NamingApi<Api[Name]> };

/** What a window knows: the open project and the newest revision of it. */
export interface KnownProject {
  readonly id: string;
  readonly revision: number;
}

/**
 * The API as a window uses it: every call that must say which project it is made for, and at which revision, says what
 * the window knows then. What a call says itself stays.
 */
export function namingApi<Api extends object>(api: Api, known: () => KnownProject | null): NamingApi<Api> {
  /** Revisions that answers spoke of, by project: an answer comes before its event. */
  const answered = new Map<string, number>();
  const named = (fields: readonly string[]): Record<string, unknown> => {
    const project = known();
    const id = project?.id ?? 'no-project';
    const revision = Math.max(project?.revision ?? 0, answered.get(id) ?? 0);
    return {
      ...(fields.includes('project') ? { project: id } : {}),
      ...(fields.includes('revision') ? { revision } : {}),
    };
  };
  const wrap = (part: object, path: readonly string[]): unknown =>
    new Proxy(part, {
      get: (target, name) => {
        if (typeof name !== 'string') return Reflect.get(target, name);
        return wrap(Reflect.get(target, name), [...path, name]);
      },
      apply: async (target, _, [input, ...rest]: [object | undefined, ...unknown[]]) => {
        const fields = inputFields(path);
        if (!fields.includes('project')) return Reflect.apply(target as never, undefined, [input, ...rest]);
        const full = { ...named(fields), ...input } as { project: string };
        const answer = await Reflect.apply(target as never, undefined, [full, ...rest]);
        const { revision } = (answer ?? {}) as { revision?: number };
        if (revision !== undefined) answered.set(full.project, Math.max(revision, answered.get(full.project) ?? 0));
        return answer;
      },
    });
  return wrap(api, []) as NamingApi<Api>;
}

/** Names of the fields that the contract asks of a procedure. */
function inputFields(path: readonly string[]): string[] {
  let at: unknown = contract;
  for (const name of path) at = (at as Record<string, unknown> | undefined)?.[name];
  const schema = (at as { '~orpc'?: { inputSchema?: { shape?: object } } } | undefined)?.['~orpc']?.inputSchema;
  return Object.keys(schema?.shape ?? {});
}
