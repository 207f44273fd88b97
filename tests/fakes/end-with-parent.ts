// Ends the process soon after the one that started it is gone, so that a test run that is killed leaves nothing behind.
// Imported by what tests start, or given to node: --import.
const parent = process.ppid;
const lookEveryMs = 500;

setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, lookEveryMs).unref();
