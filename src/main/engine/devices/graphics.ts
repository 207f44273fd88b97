import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Linux lists graphics cards, and the driver that does not stand there. */
const cards = '/sys/class/drm';
const nvidiaVersion = '/sys/module/nvidia/version';
/** Variables that name another Vulkan driver. */
const driverVariables = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'] as const;

/**
 * What tells one graphics card and driver from another: the ids of the cards and what the environment asks for. Systems
 * that do not list them as files say nothing here; there it is only the system's own version that tells.
 */
export function graphicsOf(env: NodeJS.ProcessEnv = process.env): string {
  const found = list(cards)
    .filter((name) => /^card\d+$/.test(name))
    .map((name) => `${read(join(cards, name, 'device/vendor'))}:${read(join(cards, name, 'device/device'))}`);
  const asked = driverVariables.flatMap((name) => env[name] ?? []);
  return [...found, read(nvidiaVersion), ...asked].filter((text) => text !== '' && text !== ':').join(' ');
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
