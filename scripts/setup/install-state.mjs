// Pure questions about an installation. Runs on Node 20 and newer, before anything is installed.

/**
 * Names the packages that `npm ci` would still have to install.
 *
 * Contents are compared, not file times: a checkout touches the lock file without changing it, and npm writes the
 * two files in no promised order.
 *
 * @param {{ packages?: Record<string, { version?: string, integrity?: string, optional?: boolean }> }} lock
 *   package-lock.json
 * @param {{ packages?: Record<string, { version?: string, integrity?: string }> } | null} installed
 *   node_modules/.package-lock.json, or null where there is none
 * @returns {string[]} paths such as `node_modules/zod`; empty when everything is there
 */
export function missingPackages(lock, installed) {
  const present = installed?.packages ?? {};
  return Object.entries(lock.packages ?? {})
    .filter(([path, wanted]) => {
      if (path === '') return false;
      const found = present[path];
      // An optional package that is absent belongs to another platform.
      if (!found) return !wanted.optional;
      return found.version !== wanted.version || found.integrity !== wanted.integrity;
    })
    .map(([path]) => path);
}

/**
 * @param {string} version such as `24.21.0`
 * @returns {boolean} whether this Node runs our TypeScript as it stands and better-sqlite3 without crashing
 */
export function canRunSource(version) {
  return Number(version.split('.')[0]) >= 24;
}
