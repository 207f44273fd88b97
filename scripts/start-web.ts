/** `npm run start:web`: the editor in a browser. Arguments go to src/main/server.ts. */
import { ensureRenderer } from './setup/renderer.ts';

try {
  ensureRenderer();
  await import('../src/main/server.ts');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
