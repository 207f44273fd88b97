// Pure completion of a lock file. Runs on Node 20 and newer.

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[],
 *   optionalDependencies?: Record<string, string> }} LockedPackage
 */

/**
 * Adds the packages for other platforms that `npm install` left out of a lock file, and returns their paths.
 *
 * npm leaves out an optional package that its registry does not offer (a mirror with the packages of one platform), or
 * that is missing from node_modules (npm/cli issue 4828). `npm ci` then refuses the whole lock file, here and
 * everywhere else. An entry with version and platform is enough: npm skips it where it does not belong, and fetches it
 * where it does.
 *
 * @param {{ packages: Record<string, LockedPackage> }} lock package-lock.json; changed in place
 * @returns {string[]}
 * @throws {Error} for a missing optional package whose name does not say its platform, or whose version is a range
 */
export function addMissingPlatforms(lock) {
  const added = [];
  for (const [path, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      if (found(lock, path, name)) continue;
      const place = `node_modules/${name}`;
      const { os, cpu, libc } = platformOf(name);
      // In npm's own order, so that the next `npm install` changes nothing.
      lock.packages[place] = {
        version: exact(name, version),
        cpu,
        ...(parent.dev ? { dev: true } : {}),
        ...(libc ? { libc } : {}),
        optional: true,
        os,
      };
      added.push(place);
    }
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(sorted);
  return added;
}

/** Looks where Node would: beside the parent, then outwards. @param {{ packages: object }} lock @param {string} path @param {string} name */
function found(lock, path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (candidate in lock.packages) return true;
    if (folder === '') return false;
  }
}

/** @param {string} name @param {string} version */
function exact(name, version) {
  if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`${name} is wanted as ${version}, which is no single version`);
  return version;
}

/** Reads `...-linux-arm64-musl` and the like. @param {string} name */
function platformOf(name) {
  const match =
    /-(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|ia32|loong64|ppc64|riscv64|s390x|x64)(?:-(\w+))?$/.exec(
      name,
    );
  if (!match) throw new Error(`the name of ${name} does not say for which platform it is`);
  const [, os = '', cpu = '', abi = ''] = match;
  const libc = os !== 'linux' ? null : abi.startsWith('musl') ? 'musl' : abi.startsWith('gnu') ? 'glibc' : null;
  return { os: [os], cpu: [cpu], libc: libc && [libc] };
}
