#!/usr/bin/env node
// The command line as a command: `npx throughline ...` in a checkout.
import { handOver } from './setup/hand-over.mjs';

handOver('src/main/cli.ts', process.argv.slice(2));
