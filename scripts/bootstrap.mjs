// node scripts/bootstrap.mjs <file.ts> [arguments]: runs one of our TypeScript files on a checkout that may be bare.
import { handOver } from './setup/hand-over.mjs';

const [file, ...args] = process.argv.slice(2);
if (!file) {
  console.error('usage: node scripts/bootstrap.mjs <file.ts> [arguments]');
  process.exit(2);
}
handOver(file, args);
