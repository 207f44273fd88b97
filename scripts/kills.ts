// Kills hosts, engines and command lines at random moments, and says what was lost of what they had acknowledged.
//   npm run kills                           200 kills
//   npm run kills -- --count 50 --seed 7
// Exit status 0 if nothing was lost and nothing is half, 1 otherwise.
import { parseArgs } from 'node:util';
import { runKills } from './kills/run-kills.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (![count, seed].every((number) => Number.isInteger(number) && number >= 0)) {
  console.error('Counts and seeds are whole numbers.');
  process.exit(2);
}
const report = await runKills({
  count,
  seed,
  onKill: (done, what, losses) => {
    for (const loss of losses) console.error(loss);
    console.log(`${done} of ${count}: ${what}${losses.length > 0 ? `, ${losses.length} lost` : ''}`);
  },
});
const { kills, acknowledged, losses } = report;
console.log(
  `${kills.host} hosts, ${kills.engine} engines and ${kills['command line']} command lines killed (seed ${seed}); ` +
    `${acknowledged} things were acknowledged; ${losses.length} lost or half.`,
);
process.exitCode = losses.length > 0 ? 1 : 0;
