// What npm's own words mean for a person. Pure. Runs on Node 20 and newer.

/**
 * @param {string[]} args what npm was asked to do
 * @param {string} output all that it said
 * @param {string | undefined} spawnCode the system's code where npm could not be started at all
 * @returns {string} a sentence, what to do, and npm's own words
 */
export function npmFailure(args, output, spawnCode) {
  const [sentence, advice] = reason(output, spawnCode);
  return [`npm ${args.join(' ')} failed: ${sentence}`, advice, output.trim()].filter(Boolean).join('\n');
}

/** @param {string} output @param {string | undefined} spawnCode @returns {[sentence: string, advice: string]} */
function reason(output, spawnCode) {
  /** @param {RegExp} pattern */
  const says = (pattern) => pattern.test(output);
  if (spawnCode === 'ENOENT') return ['npm was not found.', 'It comes with Node: install Node 24 from nodejs.org.'];
  if (says(/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|network/i))
    return [
      'the packages could not be downloaded.',
      'Connect to a network, and check the registry and the proxy that npm is set to (npm config get registry).',
    ];
  if (says(/E401|E403|ENEEDAUTH/))
    return ['the registry refused.', 'Check what npm is logged in to (npm config get registry, npm login).'];
  if (says(/E404|ETARGET|ENOVERSIONS/))
    return ['the registry does not have one of the packages.', 'Set npm to a registry that has them all.'];
  if (says(/ENOSPC|EDQUOT/)) return ['the disk is full.', 'Free a few hundred megabytes and try again.'];
  if (says(/EROFS|EACCES|EPERM/))
    return ['this user may not write there.', 'Check who owns the folder and node_modules in it.'];
  if (says(/EINTEGRITY/))
    return ['a package is not what the lock file says.', 'Empty npm’s cache (npm cache clean --force) and try again.'];
  if (says(/EUSAGE|can only install packages when|in sync/))
    return ['package.json and package-lock.json do not agree.', 'Run: npm install, then npm run lock.'];
  return ['it says why below.', ''];
}
