#!/usr/bin/env node
/** The command line: node src/main/cli.ts render story.txt --out film.mp4 */
import { processHost } from './cli/host.ts';
import { runProgram } from './cli/program.ts';

process.exitCode = await runProgram(process.argv.slice(2), processHost());
