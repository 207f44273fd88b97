// Gives mutated inputs to everything that reads what comes from outside, and says what did not end in an error of ours
// within a second and 200 MB.
//   npm run fuzz                                   20,000 inputs to every parser
//   npm run fuzz -- --parser fountain --count 1000 --seed 7
//   npm run fuzz -- --parser fountain --seed 7 --first 123 --count 1      one input again; --print shows it
//   npm run fuzz -- --list
// Exit status 0 if nothing was found, 1 if something was, 2 if it was asked in a way it does not understand.
import { parseArgs } from 'node:util';
import { mutated } from './fuzz/mutate.ts';
import { parsers } from './fuzz/parsers.ts';
import { Random, seedOf } from './fuzz/random.ts';
import { runFuzz } from './fuzz/run-fuzz.ts';

const { values } = parseArgs({
  options: {
    parser: { type: 'string', multiple: true },
    count: { type: 'string', default: '20000' },
    first: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    list: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
  },
});
const names = parsers.map(({ name }) => name);
if (values.list) {
  console.log(names.join('\n'));
  process.exit(0);
}
const [count, first, seed] = [values.count, values.first, values.seed].map(Number) as [number, number, number];
const chosen = values.parser ?? names;
const unknown = chosen.find((name) => !names.includes(name));
if (unknown !== undefined || ![count, first, seed].every((number) => Number.isInteger(number) && number >= 0)) {
  console.error(unknown === undefined ? 'Counts and seeds are whole numbers.' : `There is no parser ${unknown}.`);
  console.error(`Parsers: ${names.join(', ')}`);
  process.exit(2);
}

let found = 0;
for (const parser of parsers.filter(({ name }) => chosen.includes(name))) {
  if (values.print) {
    const corpus = await parser.corpus();
    const input = mutated(new Random(seedOf(seed, parser.name, first)), corpus, parser.kind, parser.words ?? []);
    process.stdout.write(input);
    continue;
  }
  const started = performance.now();
  const result = await runFuzz({ parser: parser.name, seed, first, count, limitMs: 1000, memoryMb: 200 });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const counts = `${result.read} read, ${result.refused} refused`;
  console.log(
    `${parser.name.padEnd(18)} ${counts}, slowest ${result.slowestMs.toFixed(0)} ms, ${result.findings.length} findings (${seconds} s)`,
  );
  for (const { index, what } of result.findings) {
    console.log(`  --parser ${parser.name} --seed ${seed} --first ${index} --count 1`);
    console.log(what.replace(/^/gm, '    '));
  }
  found += result.findings.length;
}
process.exit(found === 0 ? 0 : 1);
