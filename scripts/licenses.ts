/** `npm run licenses`: writes THIRD_PARTY_LICENSES.txt anew, from what is installed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type LicensedPackage, licenceFile } from './licences/licence-text.ts';
import { type LockFile, shippedPackages } from './licences/shipped-packages.ts';
import { shippedRoots } from './licences/shipped-roots.ts';
import { ensurePackagingTools, packagingFolder } from './setup/packaging-tools.ts';

interface Checked {
  readonly licenses?: string | readonly string[];
  readonly repository?: string;
  readonly licenseFile?: string;
  readonly licenseText?: string;
}
type Check = (options: object, done: (error: Error | null, packages: Record<string, Checked>) => void) => void;

const root = join(import.meta.dirname, '..');

ensurePackagingTools();
// Named so that types are not asked for: it is not among the repository's own packages.
const tool = join(packagingFolder, 'node_modules/license-checker-rseidelsohn/lib/index.js');
const { init } = (await import(tool)) as { init: Check };
const installed = await new Promise<Record<string, Checked>>((resolve, reject) => {
  init({ start: root, customFormat: { licenseText: '' } }, (error, packages) =>
    error ? reject(error) : resolve(packages),
  );
});
const lock: LockFile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

const packages = shippedPackages(lock, shippedRoots(root)).map((id): LicensedPackage => {
  const found = installed[id] ?? installed[siblingOf(id)] ?? {};
  const hasFile =
    installed[id] !== undefined && /^(licen[cs]e|copying|notice)/i.test(basename(found.licenseFile ?? ''));
  return {
    id,
    licence: statedLicence(id, [found.licenses ?? lockedLicence(id) ?? 'UNKNOWN'].flat().join(', ')),
    repository: found.repository ?? null,
    text: hasFile ? (found.licenseText ?? null) : null,
  };
});
const unknown = packages.filter(({ licence }) => licence === 'UNKNOWN' || licence.endsWith('*'));
if (unknown.length > 0) {
  console.error(`No licence is known of ${unknown.map(({ id }) => id).join(', ')}`);
  process.exitCode = 1;
}
writeFileSync(join(root, 'THIRD_PARTY_LICENSES.txt'), licenceFile(packages));
console.log(`THIRD_PARTY_LICENSES.txt: ${packages.length} packages`);

/**
 * Where the checker guesses (`MIT*`), because a package's own words are no SPDX expression, its own words are the licence.
 */
function statedLicence(id: string, checked: string): string {
  if (!checked.endsWith('*')) return checked;
  const file = join(root, 'node_modules', id.slice(0, id.lastIndexOf('@')), 'package.json');
  const { license }: { license?: unknown } = JSON.parse(readFileSync(file, 'utf8'));
  return typeof license === 'string' ? license : checked;
}

/** As the lock file has it from the registry: of what is installed only on other platforms, and has no sibling here. */
function lockedLicence(id: string): string | undefined {
  const entry: { license?: string } | undefined = lock.packages[`node_modules/${id.slice(0, id.lastIndexOf('@'))}`];
  return entry?.license;
}

/** The package that a binary of another platform belongs to, which is not installed here: `x-win32-x64-msvc` to `x`. */
function siblingOf(id: string): string {
  return id.replace(/-(android|darwin|freebsd|linux|openharmony|win32)-[\w-]+(?=@)/, '');
}
