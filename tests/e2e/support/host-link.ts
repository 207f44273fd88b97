import type { ChildProcess } from 'node:child_process';

/** The one-time link that a starting browser host prints. Fails with all that it said, if it ends before. */
export function hostLink(host: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (text: Buffer): void => {
      said += text;
      const [found] = /http:\S+token=\S+/.exec(said) ?? [];
      if (found) resolve(found);
    };
    host.stdout?.on('data', listen);
    host.stderr?.on('data', listen);
    host.once('exit', (code) => reject(new Error(`The host ended with ${code}: ${said}`)));
  });
}
