/** `npm run types`: the types of every part, each against its own libraries. */
import { runSteps, StepTimes, typeSteps } from './check/steps.ts';

process.exitCode = runSteps(typeSteps, new StepTimes(), console.log) === null ? 0 : 1;
