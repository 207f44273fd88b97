import type { Asset } from '../../../shared/assets/asset.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { Footage } from '../../../shared/footage.ts';
import type { Command } from '../../../shared/project/commands.ts';
import { picturesOf } from '../../../shared/project/pictures.ts';

/** @throws ThroughlineError `bad-input` where a command names a sound, a picture or footage that the project does not have */
export function requireAssets(commands: readonly Command[], assets: ReadonlyMap<string, Asset>): void {
  const picture = picturesOf(commands).find(({ asset }) => assets.get(asset)?.kind !== 'picture');
  if (picture)
    throw new ThroughlineError(
      'bad-input',
      `The picture of "${picture.name}" is not in this project.`,
      'It was cleaned up, or belongs to another project. Add its file again.',
    );
  for (const { asset, name } of footageOf(commands)) {
    if (assets.get(asset)?.kind === 'footage') continue;
    throw new ThroughlineError(
      'bad-input',
      `The footage "${name}" is not in this project.`,
      'It was cleaned up, or belongs to another project. Choose it again.',
    );
  }
  for (const command of commands) {
    const clips =
      command.type === 'put-sound'
        ? [command.clip]
        : command.type === 'paste-shots'
          ? command.shots.flatMap(({ sounds }) => sounds ?? [])
          : 'shot' in command
            ? (command.shot.sounds ?? [])
            : [];
    const missing = clips.find(({ asset }) => assets.get(asset)?.kind !== 'sound');
    if (!missing) continue;
    throw new ThroughlineError(
      'bad-input',
      `The recording of "${missing.name}" is not in this project.`,
      'It was cleaned up, or belongs to another project. Add its file again.',
    );
  }
}

/** Footage that commands bring in. */
function footageOf(commands: readonly Command[]): readonly Footage[] {
  return commands.flatMap((command) => {
    if (command.type === 'set-footage') return command.footage ?? [];
    if (command.type === 'paste-shots') return command.shots.flatMap(({ footage }) => footage ?? []);
    return 'shot' in command ? (command.shot.footage ?? []) : [];
  });
}
