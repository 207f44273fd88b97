/** `npm start [project]`: the desktop app; where it cannot be opened, the reason, and the editor in a browser. */
import { openDesktop } from './setup/desktop.ts';
import { ensureRenderer } from './setup/renderer.ts';

try {
  const reason = await openDesktop(process.argv.slice(2));
  if (reason !== null) {
    console.log(`${reason} Opening the editor in a browser instead.`);
    ensureRenderer();
    process.argv.push('--because', reason);
    await import('../src/main/server.ts');
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
