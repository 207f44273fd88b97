/** `npm run e2e`: the editor end to end in a browser. Arguments go to Playwright: `npm run e2e -- graph --debug`. */
import { failureLines } from './check/test-report.ts';
import { runEndToEnd } from './end-to-end.ts';

const { passed, failed, failures } = runEndToEnd(process.argv.slice(2));
console.log('');
for (const line of failures.flatMap(failureLines)) console.log(line);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
