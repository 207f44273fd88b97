/** A process that generates until it is killed: node studio-victim.ts <folder> [project]. Says what is stored. */
import { Studio } from '../../src/main/studio/studio.ts';
import { newShot, studioOptions } from './studio-options.ts';

const [folder = '', file] = process.argv.slice(2);
const studio = new Studio(studioOptions(folder));
const state = file ? await studio.projects.openFile(file) : await studio.projects.create(undefined, 'Killed');
// More than any machine makes before it is killed.
const shot = newShot('a red cat in the meadow', 1000);
studio.workspace.project.apply([{ type: 'add-shot', parent: null, shot }], null);
await studio.workspace.project.saved();
console.log(`file ${state.file}`);
console.log(`shot ${shot.id}`);
void studio.workspace.queue.generate([shot.id]);
for await (const event of studio.events()) {
  if (event.type === 'chunks') for (const { key } of event.added) console.log(`chunk ${key}`);
}
