import { spawn } from 'node:child_process';

/** Opens a link in the person's browser where there is a screen; returns whether it tried. Never throws. */
export function openInBrowser(url: string, env: NodeJS.ProcessEnv = process.env): boolean {
  const command = commandFor(process.platform, env);
  if (!command) return false;
  const [program, ...args] = command;
  const child = spawn(program as string, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {}); // the link is printed as well
  child.unref();
  return true;
}

function commandFor(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] | null {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : null;
}
