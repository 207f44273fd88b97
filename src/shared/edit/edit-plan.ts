import type { ShotFields } from '../shot-fields.ts';
import type { Shot, Story } from '../story.ts';
import type { FootageFile } from '../story-import/footage-file.ts';
import { boundaryAt } from './frame-rate.ts';

/** Every field of a shot; what was not said is empty. */
export type SaidFields = { readonly [Name in keyof ShotFields]-?: NonNullable<ShotFields[Name]> };

export const emptyFields: SaidFields = { scene: '', number: '', action: '', dialogue: '', notes: '', camera: '' };

/** A stretch of a film that one shot shows. Frames are counted at the plan's rate. */
export interface EditShot {
  readonly title: string;
  readonly prompt: string;
  readonly fields: SaidFields;
  /** First frame in the film, from 0. */
  readonly startFrame: number;
  /** Frames of it that the film shows; 0 where nothing of it was generated. */
  readonly frameCount: number;
  /** Frames before and after these that exist but are trimmed off: handles. */
  readonly headFrames: number;
  readonly tailFrames: number;
  /** The film file that its frames lie in; null where an edit goes out without pictures. */
  readonly media: ShotMedia | null;
  /** What it is made from besides its prompt; left off where only what is seen matters. */
  readonly recipe?: ShotRecipe | undefined;
}

export type ShotRecipe = Pick<
  Shot,
  'chunks' | 'seed' | 'transition' | 'told' | 'memory' | 'trim' | 'firstFrame' | 'footage'
>;

/** A part of a film file. Frames are counted at the plan's rate. */
export interface ShotMedia {
  /** Beside the exported edit, `/` between folders. */
  readonly file: string;
  /** The shot's first shown frame in that file. */
  readonly startFrame: number;
  /** Frames of the whole file. */
  readonly frameCount: number;
}

/** Where the pictures of an edit lie: a file a shot (with its handles), or one film. */
export type MediaPlace =
  | { readonly kind: 'none' }
  | { readonly kind: 'film'; readonly file: string }
  | { readonly kind: 'clips'; readonly fileOf: (shot: EditShot, index: number) => string };

/** A piece of sound under the film. */
export interface EditSound {
  readonly name: string;
  /** File name beside the exported edit, `/` between folders. */
  readonly file: string;
  /** Where it begins in the film, in frames at the plan's rate. */
  readonly startFrame: number;
  readonly frameCount: number;
  /** Frames of the recording before the part that is heard. */
  readonly sourceStartFrame: number;
  /** Length of the whole recording, in frames. */
  readonly sourceFrames: number;
  /** In decibels; 0 as recorded. */
  readonly gainDb: number;
}

/**
 * A cut as an edit: what every export format is written from. It needs no model and no pictures.
 */
export interface EditPlan {
  readonly title: string;
  /** Frames a second: the model's own or one of the editing rates. */
  readonly fps: number;
  readonly size: { readonly width: number; readonly height: number };
  /** Timecode of the first frame, as a frame number at `fps`. One hour by custom. */
  readonly startTimecodeFrame: number;
  readonly shots: readonly EditShot[];
  readonly sounds: readonly EditSound[];
  /** What all shots are made from. */
  readonly story?: Pick<Partial<Story>, 'seed' | 'model' | 'frameSize' | 'prompts' | 'memory'> | undefined;
  /** The pictures that it names, as `data:` addresses by their asset; left off where a format does not hold them. */
  readonly pictures?: ReadonlyMap<string, string> | undefined;
  /** What of its first shot's footage a file holds: names of chunks, and their pictures as `data:` addresses; left off: nothing. */
  readonly footage?: Pick<FootageFile, 'chunks' | 'strips'> | undefined;
}

/** A shot before its frames are counted at the film's rate. Frames are the model's own. */
export interface PlannedShot extends Pick<EditShot, 'title' | 'prompt' | 'recipe'> {
  readonly fields: ShotFields;
  readonly frameCount: number;
  readonly headFrames?: number;
  readonly tailFrames?: number;
}

export interface PlanSettings extends Pick<EditPlan, 'title' | 'size' | 'story'> {
  readonly modelFps: number;
  readonly fps: number;
  readonly startTimecodeFrame?: number;
  readonly sounds?: readonly EditSound[];
}

/** All fields of a shot, empty where it says nothing. */
export function saidFields(fields: ShotFields): SaidFields {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { ...emptyFields, ...Object.fromEntries(said) };
}

/** Lays shots one after another at the film's rate. Shots that share a boundary in the model's time share it here. */
export function planEdit(shots: readonly PlannedShot[], settings: PlanSettings): EditPlan {
  const { title, size, modelFps, fps, startTimecodeFrame = 3600 * fps, sounds = [], story } = settings;
  const at = (frame: number): number => boundaryAt(frame, modelFps, fps);
  let frames = 0;
  const laid = shots.map(({ headFrames = 0, tailFrames = 0, frameCount, ...shot }): EditShot => {
    const startFrame = at(frames);
    frames += frameCount;
    return {
      ...shot,
      fields: saidFields(shot.fields),
      startFrame,
      frameCount: at(frames) - startFrame,
      headFrames: at(headFrames),
      tailFrames: at(tailFrames),
      media: null,
    };
  });
  return { title, fps, size, startTimecodeFrame, shots: laid, sounds, ...(story ? { story } : {}) };
}

/** The same edit with its pictures in files. */
export function withMedia(plan: EditPlan, place: MediaPlace): EditPlan {
  const filmFrames = framesOf(plan);
  const mediaOf = (shot: EditShot, index: number): ShotMedia | null => {
    if (shot.frameCount === 0) return null;
    switch (place.kind) {
      case 'none':
        return null;
      case 'film':
        return { file: place.file, startFrame: shot.startFrame, frameCount: filmFrames };
      case 'clips': {
        const { headFrames, frameCount, tailFrames } = shot;
        return {
          file: place.fileOf(shot, index),
          startFrame: headFrames,
          frameCount: headFrames + frameCount + tailFrames,
        };
      }
    }
  };
  return { ...plan, shots: plan.shots.map((shot, i) => ({ ...shot, media: mediaOf(shot, i) })) };
}

/** Shots that the film shows something of. */
export function shownShots(plan: EditPlan): EditShot[] {
  return plan.shots.filter(({ frameCount }) => frameCount > 0);
}

/** Length of the film's pictures, in frames. */
export function framesOf(plan: EditPlan): number {
  return plan.shots.reduce((end, shot) => Math.max(end, shot.startFrame + shot.frameCount), 0);
}

/** How a shot is called in a list: its number, else its place in the film counted from 1. */
export function shotName(shot: EditShot, index: number): string {
  return shot.fields.number || String(index + 1);
}
