// Which packages a packaged app contains: pure, from the lock file.

export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** package-lock.json, as far as it matters here. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/**
 * The packages that `roots` need, themselves included, for every platform.
 * @param roots names of packages
 * @returns `name@version`, in order of the alphabet, each once
 * @throws Error for a root that the lock file does not have
 */
export function shippedPackages(lock: LockFile, roots: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (from: string, name: string, mayBeMissing: boolean): void => {
    const path = resolvePackage(lock, from, name);
    if (path === null) {
      if (mayBeMissing) return;
      throw new Error(`${name} is not in package-lock.json`);
    }
    if (found.has(path)) return;
    found.add(path);
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = lock.packages[path] ?? {};
    for (const needed of Object.keys(dependencies ?? {})) visit(path, needed, needed in (optionalDependencies ?? {}));
    for (const needed of Object.keys(optionalDependencies ?? {})) visit(path, needed, true);
    for (const needed of Object.keys(peerDependencies ?? {})) {
      if (!peerDependenciesMeta?.[needed]?.optional) visit(path, needed, true);
    }
  };
  for (const root of roots) visit('', root, false);
  const names = [...found].map((path) => `${nameOf(path)}@${lock.packages[path]?.version}`);
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1));
}

/** Looks where Node would: beside the parent, then outwards. */
function resolvePackage(lock: LockFile, from: string, name: string): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (candidate in lock.packages) return candidate;
    if (folder === '') return null;
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/**
 * The packages that a source file imports by name, types left out.
 * @param source TypeScript
 */
export function importedPackages(source: string): readonly string[] {
  const statements = source.matchAll(/^\s*(?:import|export)\s+(?!type\b)[^'";]*?\bfrom\s+'([^']+)'/gm);
  const effects = source.matchAll(/(?:^\s*import|\bimport\()\s*'([^']+)'/gm);
  return [...statements, ...effects].flatMap(([, specifier = '']) => {
    if (/^(\.|\/|node:)/.test(specifier)) return [];
    return [
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    ];
  });
}
