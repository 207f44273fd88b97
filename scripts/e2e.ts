/** `npm run e2e`: the editor end to end in a browser. Arguments go to Playwright: `npm run e2e -- graph --debug`. */
import { runEndToEnd } from './end-to-end.ts';

const { passed, failed } = runEndToEnd(process.argv.slice(2));
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
