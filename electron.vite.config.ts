/**
 * Builds the Electron side of the desktop app into out/: the main process with, beside it, the engine process, the process that
 * imports models and the threads of project files, pictures and converted weights; and the preload script. The page is built the
 * same for both hosts (src/renderer/vite.config.ts).
 */
import { join } from 'node:path';
import { defineConfig } from 'electron-vite';

const source = (path: string) => join(import.meta.dirname, 'src', path);

export default defineConfig({
  main: {
    build: {
      rolldownOptions: {
        input: {
          desktop: source('main/desktop.ts'),
          // Started as processes or threads of their own, by the files that lie beside them.
          'engine-process': source('main/engine/engine-process.ts'),
          'task-process': source('main/model-jobs/task-process.ts'),
          'picture-process': source('main/pictures/picture-process.ts'),
          'footage-process': source('main/footage/footage-process.ts'),
          'project-file-thread': source('main/persistence/project-file-thread.ts'),
          'picture-thread': source('main/export/picture-thread.ts'),
          'conversion-thread': source('main/engine/checkpoints/writing/conversion-thread.ts'),
        },
        // One folder for all, so that "beside" holds for shared parts too.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      // A sandboxed page's preload script can load neither ES modules nor packages.
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: source('preload/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
});
