import { frameSizeText } from '../frame-size.ts';
import { isolatedText } from '../isolated-text.ts';
import type { Command, CommandOf } from './commands.ts';
import type { ProjectDocument, ShotId } from './document.ts';
import { findShot, shotTitle } from './tree.ts';

type EditShot = CommandOf<'edit-shot'>;

/** What commands that are one step do, for the undo menu. */
export function describeCommands(document: ProjectDocument, commands: readonly Command[]): string {
  const [first] = commands;
  if (!first) return '';
  const script = commands.map((command) => (command.type === 'edit-shot' ? command.patch.origin?.file : undefined));
  const file = script.find((name) => name !== undefined);
  if (file !== undefined) return `update from ${isolatedText(file)}`;
  if (commands.length === 1) return describeCommand(document, first);
  if (commands.every((command) => command.type === 'edit-shot')) {
    const fields = new Set(commands.flatMap(({ patch }) => Object.keys(patch) as (keyof typeof editedNames)[]));
    const shots = new Set(commands.map(({ id }) => id)).size;
    if (shots > 1) return `change ${[...fields].map((name) => editedNames[name]).join(' and ')} of ${shots} shots`;
  }
  return `${describeCommand(document, first)} and more`;
}

/** What a command does, for the undo menu. */
export function describeCommand(document: ProjectDocument, command: Command): string {
  const title = (id: ShotId): string => `"${shotTitle(findShot(document, id))}"`;
  switch (command.type) {
    case 'add-shot':
      return 'add a shot';
    case 'insert-shot':
      return `insert a shot before ${title(command.before)}`;
    case 'edit-shot':
      return `change ${Object.keys(command.patch)
        .map((name) => editedNames[name as keyof EditShot['patch']])
        .join(' and ')} of ${title(command.id)}`;
    case 'split-shot':
      return `split ${title(command.id)}`;
    case 'branch':
      return `branch from ${title(command.id)}`;
    case 'delete-shots':
      return command.ids.length === 1
        ? `delete ${title(command.ids[0] as ShotId)}`
        : `delete ${command.ids.length} shots`;
    case 'reconnect':
      return `let ${title(command.id)} follow ${title(command.parent)}`;
    case 'paste-shots':
      return command.shots.length === 1 ? 'paste a shot' : `paste ${command.shots.length} shots`;
    case 'move-shot':
      return `move ${title(command.id)}`;
    case 'hold-results':
      return command.keys ? `keep the results of ${title(command.id)}` : `let ${title(command.id)} follow its recipe`;
    case 'pick-take':
      return `pick a take of ${title(command.id)}`;
    case 'pin-frame':
      return `always remember "${command.name}"`;
    case 'unpin-frame':
      return 'no longer always remember a frame';
    case 'ban-frame':
      return 'never use a frame';
    case 'unban-frame':
      return 'let a frame be used again';
    case 'put-sound': {
      const { clip, from, shotId } = command;
      const known = findShot(document, from ?? shotId).sounds?.some(({ id }) => id === clip.id);
      return `${known ? 'change' : 'add'} the sound "${isolatedText(clip.name)}"`;
    }
    case 'remove-sound': {
      const clip = findShot(document, command.shotId).sounds?.find(({ id }) => id === command.soundId);
      return clip ? `delete the sound "${isolatedText(clip.name)}"` : 'delete a sound';
    }
    case 'put-picture': {
      const { shotId, picture } = command;
      const { pictures = [] } = shotId === null ? document.memory : findShot(document, shotId).memory;
      const known = pictures.some(({ asset }) => asset === picture.asset);
      return `${known ? 'change' : 'remember'} the picture "${isolatedText(picture.name)}"`;
    }
    case 'remove-picture': {
      const { pictures = [] } = command.shotId === null ? document.memory : findShot(document, command.shotId).memory;
      const picture = pictures.find(({ asset }) => asset === command.asset);
      return picture
        ? `no longer remember the picture "${isolatedText(picture.name)}"`
        : 'no longer remember a picture';
    }
    case 'set-first-frame':
      return command.asset === null
        ? `begin ${title(command.shotId)} without a picture`
        : `begin ${title(command.shotId)} with a picture`;
    case 'set-footage': {
      const { footage, shotId } = command;
      const before = findShot(document, shotId).footage;
      if (footage === null) return 'take the footage out';
      if (footage.begins) return `begin with the footage "${isolatedText(footage.name)}"`;
      return before?.asset === footage.asset
        ? 'give more or less footage'
        : `compare with "${isolatedText(footage.name)}"`;
    }
    case 'name-cut':
      return 'name a cut';
    case 'edit-project':
      if (command.model) return `make the story with ${isolatedText(command.model.name)}`;
      if (command.frameSize) return `make frames of ${frameSizeText(command.frameSize)}`;
      if (command.prompts)
        return command.prompts === 'completed' ? 'complete the prompts' : 'tell the model the prompts as written';
      return command.frameSize === null ? 'make frames of the model’s own size' : 'change the project';
  }
}

const editedNames: Record<keyof EditShot['patch'], string> = {
  name: 'the name',
  prompt: 'the prompt',
  chunks: 'the length',
  seed: 'the seed',
  seedLocked: 'the seed lock',
  transition: 'the transition',
  told: 'what the model is told',
  memory: 'the memory',
  fields: 'the fields',
  trim: 'the trim',
  origin: 'the script it comes from',
};
