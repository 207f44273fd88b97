// node --import ./tests/fakes/electron-module-hook.mjs out/main/desktop.js
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron'
      ? { url: new URL('./electron-module.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
});
