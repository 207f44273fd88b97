import { type EditPlan, planEdit, withMedia } from '../../src/shared/edit/edit-plan.ts';

/** A name that every format must carry: spaces, an emoji, a script without Latin letters, what XML and URLs escape. */
export const oddName = 'Mia & "Bär" 🐻 <猫> 100%';

/** Three shots of 8 fps film at 24 frames a second, the second without pictures, each with a clip file, and one sound. */
export function samplePlan(fps = 24): EditPlan {
  const plan = planEdit(
    [
      {
        title: oddName,
        prompt: 'A red cat waves in the meadow.',
        fields: {
          scene: 'EXT. MEADOW - DAY',
          number: '12A',
          action: 'The cat waves.',
          dialogue: 'MIA: Hello there!\nBÄR: 你好',
          notes: 'Slower -- and ]] warmer',
          camera: 'pan left',
        },
        frameCount: 21,
        headFrames: 4,
        tailFrames: 3,
      },
      { title: 'Nothing yet', prompt: 'A dog.', fields: {}, frameCount: 0 },
      {
        title: 'City',
        prompt: 'A robot walks in the city.\u0000',
        fields: {
          scene: 'INT. CITY - NIGHT',
          dialogue: 'A very long line that a person could not read on one screen, as it has so many words.',
        },
        frameCount: 12,
      },
    ],
    {
      title: `The film: ${oddName}`,
      size: { width: 1200, height: 720 },
      modelFps: 8,
      fps,
      sounds: [
        {
          name: oddName,
          file: 'film media/voice 1.wav',
          startFrame: 10,
          frameCount: 48,
          sourceStartFrame: 5,
          sourceFrames: 240,
          gainDb: -6,
        },
      ],
    },
  );
  return withMedia(plan, { kind: 'clips', fileOf: (_, index) => `film media/${index + 1} 猫.mp4` });
}

/** The wish for an MP4 of a height, at the model's own rate. */
export function mp4(height: number) {
  return { format: 'mp4', fps: null, options: { height } } as const;
}
