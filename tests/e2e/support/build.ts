import { ensureRenderer } from '../../../scripts/setup/renderer.ts';

/** The host serves what is built: build it where the sources are newer. */
export default function build(): void {
  ensureRenderer();
}
