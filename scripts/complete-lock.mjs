// npm run lock: adds to package-lock.json what `npm install` left out of it for other platforms.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup/ensure.mjs';
import { addMissingPlatforms } from './setup/lock-platforms.mjs';

const file = process.argv[2] ?? join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = addMissingPlatforms(lock);
if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length > 0 ? `added ${added.join(', ')}` : 'nothing was missing');
