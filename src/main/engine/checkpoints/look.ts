import { basename } from 'node:path';
import type { FoundFile, LookedAt, PartKind } from '../../../shared/models.ts';
import type { Family } from './families.ts';
import { wantedNames } from './model-parts.ts';
import { recipes } from './recipes.ts';
import { type SurveyedFile, type SurveyOptions, survey } from './survey.ts';

/** Says of every file that a person pointed at what it is, for whom it is to be shown. @throws ThroughlineError as {@link survey} */
export function lookAt(paths: readonly string[], options: SurveyOptions = {}): LookedAt {
  // What can be used comes first: a folder of another tool holds much else.
  const files = survey(paths, options)
    .map(found)
    .sort((a, b) => Number(a.kind === null) - Number(b.kind === null));
  return {
    files,
    recipe: likely(files.filter(({ kind }) => kind !== null).map(({ path }) => path)),
    wanted: {
      generator: wantedNames.dit,
      text: wantedNames.text,
      tokenizer: wantedNames.tokenizer,
      decoder: wantedNames.decoder,
    },
  };
}

function found({ path, sizeBytes, content }: SurveyedFile): FoundFile {
  const common = { path, name: basename(path), sizeBytes, problem: null };
  switch (content.kind) {
    case 'tokenizer':
      return { ...common, kind: 'tokenizer', what: 'tokenizer' };
    case 'weights':
      return { ...common, kind: kindOf(content.family), what: words(content.family) };
    case 'unusable': {
      const { message, hint } = content.why;
      return { ...common, kind: null, what: 'cannot be used', problem: { message, hint } };
    }
  }
}

function kindOf({ family }: Family): PartKind {
  switch (family) {
    case 'dit':
      return 'generator';
    case 'text':
    case 'lora':
      return family;
    case 'taehv':
    case 'wan-vae':
      return 'decoder';
  }
}

function words(family: Family): string {
  switch (family.family) {
    case 'dit':
      return `generator, ${family.layers} layers of ${family.dim}`;
    case 'text':
      return `text encoder, ${family.layers} layers of ${family.dim}`;
    case 'lora':
      return `LoRA of rank ${family.rank}`;
    case 'taehv':
      return 'decoder, the fast one (TAEHV)';
    case 'wan-vae':
      return 'decoder, the best one (Wan VAE)';
  }
}

/** By what its authors call their files; a person may know better. */
function likely(paths: readonly string[]): string {
  const bare = (text: string): string => text.toLowerCase().replace(/[^a-z0-9/\\]/g, '');
  const names = paths.map(bare);
  const said = recipes.find(({ id }) => id !== 'mag' && names.some((name) => name.includes(bare(id))));
  if (said) return said.id;
  return paths.some((path) => /(^|[^a-z])mag([^a-z]|$)/i.test(path)) ? 'mag' : 'memflow';
}
