import type { MemoryOverrides } from '../memory-settings.ts';
import type { FirstFrame, Picture } from '../pictures.ts';
import type { Command } from './commands.ts';
import type { ProjectDocument } from './document.ts';

/** A picture that a command brings into the document, and what a sentence calls it. */
export interface NamedPicture {
  readonly asset: string;
  readonly name: string;
}

/** Memory with a picture: a new one, or in place of the one of its asset. */
export function withPicture<Memory extends Pick<MemoryOverrides, 'pictures'>>(
  memory: Memory,
  picture: Picture,
): Memory {
  const { pictures = [] } = memory;
  const known = pictures.some(({ asset }) => asset === picture.asset);
  return {
    ...memory,
    pictures: known ? pictures.map((old) => (old.asset === picture.asset ? picture : old)) : [...pictures, picture],
  };
}

/** Memory without a picture; without any it says nothing of pictures. */
export function withoutPicture<Memory extends Pick<MemoryOverrides, 'pictures'>>(
  memory: Memory,
  asset: string,
): Memory {
  const { pictures: old = [], ...others } = memory;
  const pictures = old.filter((picture) => picture.asset !== asset);
  return (pictures.length > 0 ? { ...others, pictures } : others) as Memory;
}

/** Pictures that commands bring in, wherever they stand. */
export function picturesOf(commands: readonly Command[]): NamedPicture[] {
  const inMemory = (memory: Pick<MemoryOverrides, 'pictures'> | undefined): readonly NamedPicture[] =>
    memory?.pictures ?? [];
  const first = (frame: FirstFrame | null | undefined): NamedPicture[] =>
    frame ? [{ asset: frame.asset, name: 'the first frame' }] : [];
  return commands.flatMap((command) => {
    switch (command.type) {
      case 'put-picture':
        return [command.picture];
      case 'set-first-frame':
        return first(command.asset === null ? null : { asset: command.asset });
      case 'edit-shot':
        return inMemory(command.patch.memory);
      case 'edit-project':
        return inMemory(command.memory);
      case 'paste-shots':
        return command.shots.flatMap((shot) => [...inMemory(shot.memory), ...first(shot.firstFrame)]);
      default:
        return 'shot' in command ? [...inMemory(command.shot.memory), ...first(command.shot.firstFrame)] : [];
    }
  });
}

/** Most pictures that any line of the story can hold: all that are named, each once. */
export function pictureCount({ memory, shots }: ProjectDocument): number {
  const all = [memory, ...shots.map((shot) => shot.memory)].flatMap(({ pictures = [] }) => pictures);
  return new Set(all.map(({ asset }) => asset)).size;
}
