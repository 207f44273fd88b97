import { eventIterator, oc, type } from '@orpc/contract';
import { z } from 'zod';
import { type Asset, assetIdSchema } from '../assets/asset.ts';
import type { DeviceReport } from '../devices.ts';
import { editRates } from '../edit/frame-rate.ts';
import { type Comparison, mostCompared } from '../lab/index.ts';
import type { MemoryRecord } from '../memory-record.ts';
import { policyNameSchema } from '../memory-settings.ts';
import type { LookedAt, ModelsHere } from '../models.ts';
import { commandSchema, gestureSchema } from '../project/commands.ts';
import { chunkKeySchema, type ProjectDocument, type ShotId, shotIdSchema } from '../project/document.ts';
import { limits } from '../project/limits.ts';
import type { ChunkRecipe } from '../render.ts';
import { textEncodings } from '../story-import/decode.ts';
import { maxScriptSize } from '../story-import/source.ts';
import type { KnownWord, PromptCheck, WordPictures } from '../word-help.ts';
import type { ImportPreview } from './import-preview.ts';
import type {
  Ancestor,
  CacheUsage,
  Changed,
  Estimate,
  ExportFormatInfo,
  ExportState,
  ExportWarnings,
  FarmTrial,
  HostInfo,
  ProjectState,
  RecentProject,
  Settings,
  StudioEvent,
} from './types.ts';

const file = z.string().min(1).max(4096);
const nothing = type<void>();

/** The open project, if its changes may be lost where they cannot be saved. */
const discard = { discard: z.string().max(64).optional() };

/** A script's text, and how its bytes were read (`decodeText`); lengths in chunks where it gives none. */
const scriptSchema = z.strictObject({
  name: z.string().max(300),
  text: z.string().max(maxScriptSize),
  encoding: z.enum(textEncodings).optional(),
  chunksPerPrompt: z.int().min(1).max(limits.shotChunks).optional(),
  /** Where it lies, for the pictures beside it; left off where that is not known, as in a browser. */
  file: file.optional(),
});

/** The project a call is made for. Meant for one that is not open any more, it is refused (`other-project`). */
const forProject = { project: z.string().min(1).max(64) };
/**
 * And the revision of its document that whoever calls has seen. Commands made on an older one are applied to the newest
 * where that does what was meant; where it would take away what nobody here has seen they are refused (`stale`).
 */
const atRevision = { ...forProject, revision: z.int().min(0) };

/** Memories that are compared. */
const policies = z.array(policyNameSchema).min(1).max(mostCompared);
const modelIdSchema = z.string().min(1).max(100);
const modelPathsSchema = z.array(file).min(1).max(200);
/** How published files become a model. */
const importChoices = {
  recipe: z.string().min(1).max(40),
  name: z.string().min(1).max(80),
  textType: z.enum(['int4', 'int8', 'fp16']).optional(),
  size: z
    .strictObject({ width: z.int().min(16).max(4096).multipleOf(16), height: z.int().min(16).max(4096).multipleOf(16) })
    .optional(),
  memoryModel: file.optional(),
  /** Render with it once it is ready. */
  use: z.boolean(),
};

const exportTargetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cut'), leaf: shotIdSchema }),
  z.strictObject({ kind: z.literal('shot'), id: shotIdSchema }),
  z.strictObject({ kind: z.literal('every-cut') }),
]);

/** Long enough for any address. */
const farmAddress = z.string().min(1).max(2048);
const farmPlaceSchema = z.strictObject({
  queue: farmAddress,
  store: farmAddress,
  deviceClass: z.string().min(1).max(200).nullable(),
});

const bucketKeysSchema = z.strictObject({ id: z.string().min(1).max(1024), secret: z.string().min(1).max(4096) });

const settingsPatchSchema = z
  .strictObject({
    modelFolder: file.nullable(),
    device: z.enum(['auto', 'cpu', 'webgpu']),
    precision: z.enum(['fp32', 'fp16']),
    threads: z.int().min(1).max(256).nullable(),
    kvStorage: z.enum(['fp32', 'fp16', 'int8']),
    cacheBudgetBytes: z.int().min(64 * 1024 ** 2),
    renderOn: z.enum(['here', 'farm']),
    farm: farmPlaceSchema.nullable(),
    theme: z.enum(['dark', 'light', 'system']),
    reducedMotion: z.enum(['system', 'on']),
  })
  .partial();

/**
 * The one API between a window and the studio, the same over a message port (desktop) and a WebSocket (browser).
 * Inputs are parsed on arrival. Pictures travel by URL: `/media/chunk/<key>/strip.webp` is the chunk's frames, one
 * below the other at model size; `/media/chunk/<key>/thumb.webp` its middle frame; `/media/frame/<key>/<0..2>.webp`
 * the picture of one latent frame of a chunk. Sounds as well: `/media/sound/<asset>/<n>.pcm` is the n-th block of
 * {@link blockSamples} samples at 48 kHz, `/media/sound/<asset>/peaks` its peaks (`shared/sound`).
 */
export const contract = oc.router({
  host: oc.output(type<HostInfo>()),
  /** Begins with project, chunks, takes, queue, engine and settings as they are; then every change. */
  events: oc.output(eventIterator(type<StudioEvent>())),

  /**
   * One project is open at a time. Another takes its place only after everything of it is on the disk; where that is not
   * possible the call is refused (`unsaved`) and it stays open, unless `discard` names it. An export of it goes on.
   */
  projects: {
    recent: oc.output(type<readonly RecentProject[]>()),
    create: oc
      .input(z.strictObject({ file: file.optional(), title: z.string().max(200).optional(), ...discard }))
      .output(type<ProjectState>()),
    /** Opens a project file, or a script, which becomes a new project. */
    open: oc.input(z.strictObject({ file, ...discard })).output(type<ProjectState>()),
    openSample: oc.input(z.strictObject(discard).optional()).output(type<ProjectState>()),
    /** The same project in another file from now on; the file it was in stays as it is. */
    saveAs: oc.input(z.strictObject({ ...forProject, file })).output(type<ProjectState>()),
    /** Names the state at this revision as a version that can be returned to. */
    nameVersion: oc
      .input(z.strictObject({ ...atRevision, name: z.string().min(1).max(limits.versionName) }))
      .output(nothing),
    versions: oc
      .input(z.strictObject(forProject))
      .output(type<readonly { readonly id: number; readonly name: string; readonly createdAt: string }[]>()),
    /** The storyboard of a named version, to look at. */
    version: oc.input(z.strictObject({ ...forProject, id: z.int() })).output(type<ProjectDocument>()),
    renameVersion: oc
      .input(z.strictObject({ ...forProject, id: z.int(), name: z.string().min(1).max(limits.versionName) }))
      .output(nothing),
    /** Takes a name away. What only that version shows becomes unused, and is deleted by a clean-up. */
    deleteVersion: oc.input(z.strictObject({ ...forProject, id: z.int() })).output(nothing),
    restoreVersion: oc.input(z.strictObject({ ...atRevision, id: z.int() })).output(type<Changed>()),
    close: oc.input(z.strictObject({ ...forProject, ...discard })).output(nothing),
  },

  document: {
    apply: oc
      .input(
        z.strictObject({
          ...atRevision,
          commands: z.array(commandSchema).min(1).max(1000),
          gesture: gestureSchema,
        }),
      )
      .output(type<Changed>()),
    undo: oc.input(z.strictObject(atRevision)).output(type<Changed>()),
    redo: oc.input(z.strictObject(atRevision)).output(type<Changed>()),
    /** What bringing a script in would do; nothing is changed. */
    previewImport: oc.input(scriptSchema).output(type<ImportPreview>()),
    /**
     * Brings a script in: its stories become branches from the root. With a `place`, the first story goes
     * there, as `paste-shots` has it, and the others branch off `after`. `leaveOut`: keys of shots that are not wanted.
     * `update`: follow a changed script where it was brought in before, and keep what was made.
     */
    importScript: oc
      .input(
        scriptSchema.extend({
          ...atRevision,
          leaveOut: z.array(z.string().max(40)).max(100_000).optional(),
          update: z.boolean().optional(),
          place: z.strictObject({ after: shotIdSchema.nullable(), before: shotIdSchema.nullable() }).optional(),
        }),
      )
      .output(
        type<
          Changed & { readonly shots: number; readonly first: readonly ShotId[]; readonly warnings: readonly string[] }
        >(),
      ),
  },

  chunks: {
    record: oc.input(z.strictObject({ ...forProject, key: chunkKeySchema })).output(type<MemoryRecord>()),
    /** What a chunk was made after, root first, as far back as it is still stored. */
    ancestors: oc.input(z.strictObject({ ...forProject, key: chunkKeySchema })).output(type<readonly Ancestor[]>()),
    /** What a chunk was made from, and after which one. */
    recipe: oc
      .input(z.strictObject({ ...forProject, key: chunkKeySchema }))
      .output(type<{ readonly recipe: ChunkRecipe; readonly parentKey: string | null }>()),
  },

  takes: {
    /** Names, stars or deletes a take; outside undo, as takes are. A starred take is never cleaned up. */
    say: oc
      .input(
        z.strictObject({
          ...forProject,
          takeId: z.string().max(60),
          name: z.string().max(limits.versionName).optional(),
          starred: z.boolean().optional(),
          deleted: z.boolean().optional(),
        }),
      )
      .output(nothing),
  },

  /**
   * Files that belong to the project. A window sends a file's bytes by `POST /upload/sound?project=<id>&name=<name>`; the
   * answer is an {@link Asset}, or a {@link ShownError} with another status than 200.
   */
  assets: {
    /** Takes in a sound file that lies on this machine. */
    addSound: oc.input(z.strictObject({ ...forProject, file })).output(type<Asset>()),
    /**
     * Makes assets part of the project that shots were copied with, out of projects that were opened lately. `missing`: those
     * that none of them has.
     */
    bring: oc
      .input(z.strictObject({ ...forProject, assets: z.array(assetIdSchema).min(1).max(limits.projectSounds) }))
      .output(type<{ readonly missing: readonly string[] }>()),
  },

  queue: {
    estimate: oc
      /** `policies`: as if every shot remembered in each of these ways, for a comparison; all of them together. */
      .input(z.strictObject({ ...forProject, shotIds: z.array(shotIdSchema).min(1), policies: policies.optional() }))
      .output(type<Estimate>()),
    /** Makes what is missing of these shots and of everything before them. */
    generate: oc
      .input(
        z.strictObject({
          ...atRevision,
          shotIds: z.array(shotIdSchema).min(1),
          /** As if every shot remembered in this way, for a comparison. */
          policy: policyNameSchema.optional(),
        }),
      )
      .output(type<{ readonly jobId: string | null }>()),
    /** Another result of a shot: a new seed unless it is locked, then generate. */
    newTake: oc
      .input(z.strictObject({ ...atRevision, shotId: shotIdSchema }))
      .output(type<Changed & { readonly jobId: string | null }>()),
    pause: oc.input(z.strictObject(forProject)).output(nothing),
    resume: oc.input(z.strictObject(forProject)).output(nothing),
    cancel: oc.input(z.strictObject({ ...forProject, jobId: z.string() })).output(nothing),
    retry: oc.input(z.strictObject({ ...forProject, jobId: z.string() })).output(nothing),
    dismiss: oc.input(z.strictObject({ ...forProject, jobId: z.string() })).output(nothing),
    reorder: oc.input(z.strictObject({ ...forProject, jobIds: z.array(z.string()) })).output(nothing),
  },

  lab: {
    /**
     * Measures a cut under each of these memories, as far as all its chunks are there; those that are not are left out.
     * `returns`: the places it comes back to, as shots of the cut from 0.
     */
    measure: oc
      .input(
        z.strictObject({
          ...forProject,
          leaf: shotIdSchema,
          policies,
        }),
      )
      .output(type<Pick<Comparison, 'model' | 'returns' | 'films'>>()),
  },

  exports: {
    warnings: oc.input(z.strictObject({ ...forProject, target: exportTargetSchema })).output(type<ExportWarnings>()),
    /** What a cut can be written as, in the order it is offered. */
    formats: oc.output(type<readonly ExportFormatInfo[]>()),
    /** `file` null: the host chooses a folder and name (browser host), or asks (desktop). */
    start: oc
      .input(
        z.strictObject({
          ...atRevision,
          target: exportTargetSchema,
          file: file.nullable(),
          /** One of `formats`, by its id. */
          format: z.string().max(40),
          /** Frames a second; null: the model's own. */
          fps: z.literal(editRates).nullable(),
          /** What of a cut, in frames at the model's rate, `end` not included; null: all of it. */
          range: z
            .strictObject({ first: z.int().min(0), end: z.int().min(1) })
            .refine(({ first, end }) => first < end, 'it ends before it begins')
            .nullable()
            .default(null),
          /** The format's own options; what is left out has its default. */
          options: z.record(z.string().max(40), z.json()),
        }),
      )
      .output(type<ExportState>()),
    cancel: oc.input(z.strictObject({ id: z.string() })).output(nothing),
    /** Opens the folder that the films are in; the browser host answers with the URL of each to download instead. */
    reveal: oc.input(z.strictObject({ id: z.string() })).output(type<{ readonly urls: readonly string[] }>()),
  },

  model: {
    checkPrompt: oc.input(z.strictObject({ prompt: z.string().max(4000) })).output(type<PromptCheck>()),
    /** The words the model knows; none where it does not list them. */
    vocabulary: oc.output(type<readonly KnownWord[]>()),
    /** What some of them look like; null where the model's folder has no pictures of them. */
    wordPictures: oc.output(type<WordPictures | null>()),
  },

  /** Models on this machine. What takes a while is a job, told by the events; it goes on whoever looks. */
  models: {
    list: oc.output(type<ModelsHere>()),
    /** What the files at these places are. */
    look: oc.input(z.strictObject({ paths: modelPathsSchema })).output(type<LookedAt>()),
    import: oc
      .input(z.strictObject({ paths: modelPathsSchema, ...importChoices }))
      .output(type<{ readonly jobId: string }>()),
    get: oc
      .input(
        z.strictObject({
          /** `owner/name[@revision]`; null: as the recipe has it. */
          repository: z.string().min(3).max(320).nullable(),
          files: z.array(file).max(64),
          /** Parts that are on this machine already. */
          have: z.array(file).max(200),
          ...importChoices,
        }),
      )
      .output(type<{ readonly jobId: string }>()),
    check: oc.input(z.strictObject({ id: modelIdSchema })).output(type<{ readonly jobId: string }>()),
    cancel: oc.input(z.strictObject({ jobId: z.string().max(64) })).output(nothing),
    dismiss: oc.input(z.strictObject({ jobId: z.string().max(64) })).output(nothing),
    /** Titles of projects that a model was last used in. */
    usedBy: oc.input(z.strictObject({ id: modelIdSchema })).output(type<readonly string[]>()),
    remove: oc.input(z.strictObject({ id: modelIdSchema })).output(type<{ readonly sizeBytes: number }>()),
    /** Makes a model the one that is rendered with; null: the built-in one. */
    use: oc.input(z.strictObject({ id: modelIdSchema.nullable() })).output(type<Settings>()),
  },

  settings: {
    update: oc.input(settingsPatchSchema).output(type<Settings>()),
    /** What is known of the devices with the present model; nothing is measured for it. */
    devices: oc.output(type<DeviceReport>()),
    /** Runs a few denoising steps on each and remembers the figures. What is being made waits for it. */
    measureDevices: oc.output(type<DeviceReport>()),
  },

  farm: {
    /** Whether a farm can be used from here; nothing is changed. Without password and keys those that are kept are tried. */
    tryIt: oc
      .input(farmPlaceSchema.extend({ password: z.string().max(4096).optional(), keys: bucketKeysSchema.optional() }))
      .output(type<FarmTrial>()),
    /** Keeps the queue's password, empty for none: in the system's keychain where there is one, else until the program ends. */
    setPassword: oc
      .input(z.strictObject({ password: z.string().max(4096) }))
      .output(type<{ readonly kept: 'keychain' | 'session' }>()),
    /** Keeps the keys of the farm's bucket as the password is kept; null forgets them, and the environment's are used. */
    setBucketKeys: oc
      .input(z.strictObject({ keys: bucketKeysSchema.nullable() }))
      .output(type<{ readonly kept: 'keychain' | 'session' }>()),
    /** This machine renders from now on, and takes up what failed because the farm was gone. */
    goOnHere: oc.input(z.strictObject(forProject)).output(nothing),
  },

  storage: {
    cache: oc.input(z.strictObject(forProject)).output(type<CacheUsage | null>()),
    clearCache: oc.input(z.strictObject(forProject)).output(nothing),
    /**
     * Results that no shot shows, now or in a named version; takes that were not picked are among them. And sounds and
     * pictures that nothing names, undo steps included.
     */
    unused: oc
      .input(z.strictObject(forProject))
      .output(type<Changed & { readonly chunks: number; readonly assets: number; readonly bytes: number }>()),
    /** Deletes them, as they were counted at that revision. */
    cleanUp: oc
      .input(z.strictObject(atRevision))
      .output(type<{ readonly chunks: number; readonly assets: number; readonly bytes: number }>()),
  },

  dialogs: {
    /** Null where the person cancelled, or where the host has no native dialogs (the renderer then asks itself). */
    chooseFile: oc
      .input(
        z.strictObject({
          purpose: z.enum([
            'open-project',
            'save-project',
            'open-script',
            'save-export',
            'model-folder',
            'model-files',
            'farm-folder',
          ]),
          /** A file name; of an export its ending says what kind of file is asked for. */
          suggestion: z.string().max(300).optional(),
        }),
      )
      .output(type<{ readonly file: string } | null>()),
  },
});
