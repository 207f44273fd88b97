// A process with a project file open, ended as its task says: project-file.test.ts starts it. node project-writer.ts <task> <file> [argument]
import { writeSync } from 'node:fs';
import { ProjectFile } from '../../src/main/persistence/project-file.ts';
import { addChunks, retitle, sampleDocument } from './project-samples.ts';

const [task, file = '', argument = ''] = process.argv.slice(2);
const say = (line: string) => writeSync(1, `${line}\n`);
const die = () => process.kill(process.pid, 'SIGKILL');

switch (task) {
  case 'new': {
    const project = await ProjectFile.open(file, sampleDocument('Story'));
    project.setFact('id', argument || 'project-1');
    addChunks(project, 4);
    project.close();
    break;
  }
  case 'retitle-and-die': {
    const project = await ProjectFile.open(file, null);
    project.contents();
    retitle(project, argument);
    die();
    break;
  }
  case 'add-and-close': {
    const project = await ProjectFile.open(file, null);
    addChunks(project, Number(argument));
    project.close();
    break;
  }
  case 'hold': {
    await ProjectFile.open(file, null);
    say('holding');
    setInterval(() => {}, 1000);
    break;
  }
  case 'edit-until-killed': {
    const project = await ProjectFile.open(file, null);
    for (let i = project.contents().number + 1; ; i++) {
      retitle(project, `title ${i}`);
      if (i % 5 === 0) addChunks(project, 1);
      say(`${i} ${project.contents().chunks.length}`);
    }
  }
  default:
    throw new Error(`no such task: ${task}`);
}
