import { describe, expect, test } from 'vitest';
import { fakeMemory } from '../../tests/fakes/memory-settings.ts';
import { evenSteps, type PlanningModel, planStory, type RenderOverrides } from './recipes.ts';
import { type Story, storySchema } from './story.ts';

const model: PlanningModel = {
  digest: 'a'.repeat(64),
  numericsVersion: 1,
  video: { width: 160, height: 96, fps: 8 },
  kvStorage: 'fp16',
  chunkFrames: 3,
  sampler: { kind: 'renoise', steps: [1000, 750, 500, 250] },
  memory: fakeMemory,
};

function story(shots: unknown[], rest: object = {}): Story {
  return storySchema.parse({ format: 'throughline-story', version: 1, shots, ...rest });
}

const keys = (of: Story, overrides?: RenderOverrides) => planStory(of, model, overrides).map((chunk) => chunk.key);

describe('planStory', () => {
  test('lays shots out in chunks', () => {
    const plan = planStory(
      story([
        { prompt: 'a', chunks: 2 },
        { prompt: 'b', chunks: 1, transition: 'cut' },
      ]),
      model,
    );
    expect(
      plan.map((chunk) => [chunk.shotIndex, chunk.indexInShot, chunk.recipe.chunkIndex, chunk.recipe.prompt]),
    ).toEqual([
      [0, 0, 0, 'a'],
      [0, 1, 1, 'a'],
      [1, 0, 2, 'b'],
    ]);
  });

  test('only the first chunk of a shot makes the transition, and the story itself begins without one', () => {
    const shots = [
      { prompt: 'a', chunks: 2, transition: 'cut' },
      { prompt: 'b', chunks: 2, transition: 'cut' },
    ];
    const transitions = planStory(story(shots), model).map((chunk) => chunk.recipe.transition);
    expect(transitions).toEqual(['continue', 'continue', 'cut', 'continue']);
  });

  test('an automatic transition has the key of what it resolves to, and of nothing else', () => {
    const told = (transitions: readonly unknown[]) =>
      story(
        ['A cat in the kitchen.', 'The cat waves.', 'The cat on the beach.'].map((prompt, i) => ({
          ...{ prompt, chunks: 2, seed: 1 },
          ...(transitions[i] === undefined ? {} : { transition: transitions[i] }),
        })),
      );
    const byHand = keys(told(['continue', 'continue', 'cut']));
    expect(keys(told(['automatic', 'automatic', 'automatic']))).toEqual(byHand);
    expect(keys(told([]))).toEqual(byHand);
    expect(keys(told(['continue', 'continue', 'continue']))[4]).not.toBe(byHand[4]);
  });

  test('the plan says why a shot begins as it does; of one set by hand, nothing', () => {
    const plan = planStory(
      story([
        { prompt: 'A cat in the kitchen.', chunks: 1 },
        { prompt: 'A cat on the beach.', chunks: 2 },
        { prompt: 'A cat in the city.', chunks: 1, transition: 'continue' },
      ]),
      model,
    );
    expect(plan.map(({ beginning }) => beginning)).toEqual([
      { transition: 'continue', reason: 'the story begins here' },
      { transition: 'cut', reason: 'another place: beach after kitchen' },
      undefined,
      { transition: 'continue', reason: null },
    ]);
  });

  test('what a model takes for one place is no cut', () => {
    const town = story([
      { prompt: 'A robot in the village.', chunks: 1 },
      { prompt: 'A robot in the street.', chunks: 1 },
    ]);
    const transition = (of: PlanningModel) => planStory(town, of)[1]?.recipe.transition;
    expect(transition(model)).toBe('cut');
    expect(
      transition({ ...model, scene: { places: [['street', 'village']], times: [], characters: [], colours: [] } }),
    ).toBe('continue');
  });

  test('seed: the shot, else the override, else the story', () => {
    const written = story(
      [
        { prompt: 'a', chunks: 1, seed: 5 },
        { prompt: 'b', chunks: 1 },
      ],
      { seed: 9 },
    );
    expect(planStory(written, model).map((chunk) => chunk.recipe.seed)).toEqual([5, 9]);
    expect(planStory(written, model, { seed: 0 }).map((chunk) => chunk.recipe.seed)).toEqual([5, 0]);
  });

  test('memory: override over shot over story over model', () => {
    const written = story([{ prompt: 'a', chunks: 1, memory: { bankFrames: 4, policy: 'nam' } }], {
      memory: { bankFrames: 2, capacity: 10 },
    });
    const [plain] = planStory(written, model);
    expect(plain?.recipe.memory).toMatchObject({ policy: 'nam', bankFrames: 4, capacity: 10, windowFrames: 6 });
    const [asked] = planStory(written, model, { policy: 'window' });
    expect(asked?.recipe.memory).toMatchObject({ policy: 'window', bankFrames: 4 });
  });

  test('an override of 0 counts, and activation never exceeds the bank', () => {
    const [chunk] = planStory(story([{ prompt: 'a', chunks: 1 }]), model, { bankFrames: 0 });
    expect(chunk?.recipe.memory).toMatchObject({ bankFrames: 0, activatedFrames: 1 });
  });

  test('a bank larger than the memory is refused', () => {
    expect(() => planStory(story([{ prompt: 'a', chunks: 1 }]), model, { bankFrames: 8, capacity: 4 })).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('shot 1') }),
    );
  });

  test('released mode keeps exactly what it attends to', () => {
    const released = { ...model, memory: { ...model.memory, mode: 'released' as const } };
    const [chunk] = planStory(story([{ prompt: 'a', chunks: 1 }]), released, { bankFrames: 5 });
    expect(chunk?.recipe.memory.capacity).toBe(5);
  });

  test('pins and bans add up from their shot on, once their frame exists', () => {
    const plan = planStory(
      story(
        [
          { prompt: 'a', chunks: 2 },
          { prompt: 'b', chunks: 1, memory: { pins: [{ frame: 3, name: 'Mia' }] } },
          { prompt: 'c', chunks: 1, memory: { bans: [0] } },
        ],
        { memory: { pins: [{ frame: 0, name: 'opening' }] } },
      ),
      model,
    );
    expect(plan.map((chunk) => chunk.recipe.memory.pins.map((pin) => pin.name))).toEqual([
      [],
      ['opening'],
      ['opening', 'Mia'],
      ['Mia'],
    ]);
    expect(plan.map((chunk) => chunk.recipe.memory.bans)).toEqual([[], [], [], [0]]);
  });

  test('a pin beyond the end, and a frame both pinned and banned', () => {
    const beyond = story([{ prompt: 'a', chunks: 2, memory: { pins: [{ frame: 6, name: 'x' }] } }]);
    expect(() => planStory(beyond, model)).toThrow('Shot 1 pins frame 6, but the story has only 6 latent frames.');
    const both = story([{ prompt: 'a', chunks: 2, memory: { pins: [{ frame: 1, name: 'x' }], bans: [1] } }]);
    expect(() => planStory(both, model)).toThrow('Frame 1 is both pinned and banned in shot 1.');
  });
});

describe('steps', () => {
  test('spread evenly', () => {
    expect(evenSteps(4)).toEqual([1000, 750, 500, 250]);
    expect(evenSteps(3)).toEqual([1000, 667, 333]);
    expect(evenSteps(1)).toEqual([1000]);
  });

  test('the model’s own schedule is used for its own number of steps', () => {
    const odd = { ...model, sampler: { kind: 'euler' as const, steps: [1000, 900, 100] } };
    const written = story([{ prompt: 'a', chunks: 1 }]);
    expect(planStory(written, odd, { steps: 3 })[0]?.recipe.sampler).toEqual({
      kind: 'euler',
      steps: [1000, 900, 100],
    });
    expect(planStory(written, odd, { steps: 2, sampler: 'renoise' })[0]?.recipe.sampler).toEqual({
      kind: 'renoise',
      steps: [1000, 500],
    });
  });
});

describe('keys of a story', () => {
  const written = story([
    { prompt: 'a', chunks: 2 },
    { prompt: 'b', chunks: 2 },
  ]);

  test('are all different', () => {
    expect(new Set(keys(written)).size).toBe(4);
  });

  test('survive splitting a shot and changing the title', () => {
    const split = story(
      [
        { prompt: 'a', chunks: 1 },
        { prompt: 'a', chunks: 1 },
        { prompt: 'b', chunks: 2 },
      ],
      { title: 'Another' },
    );
    expect(keys(split)).toEqual(keys(written));
  });

  test('change from an edited shot on, and not before', () => {
    const edited = story([
      { prompt: 'a', chunks: 2 },
      { prompt: 'c', chunks: 2 },
    ]);
    expect(keys(edited).slice(0, 2)).toEqual(keys(written).slice(0, 2));
    expect(keys(edited)[2]).not.toBe(keys(written)[2]);
    expect(keys(edited)[3]).not.toBe(keys(written)[3]);
  });

  test('a story-wide pin changes nothing before its frame exists', () => {
    const pinned = { ...written, memory: { pins: [{ frame: 4, name: 'x' }] } };
    expect(keys(pinned).slice(0, 2)).toEqual(keys(written).slice(0, 2));
    expect(keys(pinned)[2]).not.toBe(keys(written)[2]);
  });
});

test('a story beyond the positions of the model is refused as a whole', () => {
  const shots = [
    { prompt: 'a', chunks: 3 },
    { prompt: 'b', chunks: 2 },
  ];
  const attempt = (): unknown => planStory(story(shots), { ...model, maxChunks: 4 });
  expect(attempt).toThrow('The story has 5 chunks, but this model has positions for 4.');
  expect(attempt).toThrow(expect.objectContaining({ code: 'story-too-long' }));
  expect(planStory(story(shots), { ...model, maxChunks: 5 })).toHaveLength(5);
  expect(planStory(story(shots), { ...model, maxChunks: null })).toHaveLength(5);
});

describe('pictures', () => {
  const [mia, kitchen] = ['d', 'e'].map((digit) => digit.repeat(64)) as [string, string];
  const seeing: PlanningModel = { ...model, encoder: 'f'.repeat(64) };
  const shots = (first: object = {}, second: object = {}) => [
    { prompt: 'a', chunks: 1, ...first },
    { prompt: 'b', chunks: 2, ...second },
  ];
  const planned = (of: Story, by: PlanningModel = seeing) => planStory(of, by).map(({ recipe }) => recipe);

  test('are remembered from the shot that names them on', () => {
    const memory = { pictures: [{ asset: kitchen, name: 'The kitchen', says: 'a kitchen', pinned: false }] };
    const told = planned(story(shots({}, { memory: { pictures: [{ asset: mia, name: 'Mia' }] } }), { memory }));
    const stands = { asset: kitchen, encoder: seeing.encoder, name: 'The kitchen', says: 'a kitchen', pinned: false };
    const looks = { asset: mia, encoder: seeing.encoder, name: 'Mia', says: '', pinned: true };
    expect(told.map(({ pictures }) => pictures)).toEqual([[stands], [stands, looks], [stands, looks]]);
    expect(told.map(({ memory: settings }) => 'pictures' in settings)).toEqual([false, false, false]);
  });

  test('that are named again keep their place', () => {
    const again = { pictures: [{ asset: kitchen, name: 'Home' }] };
    const memory = {
      pictures: [
        { asset: kitchen, name: 'K' },
        { asset: mia, name: 'Mia' },
      ],
    };
    expect(planned(story(shots({}, { memory: again }), { memory }))[1]?.pictures?.map(({ name }) => name)).toEqual([
      'Home',
      'Mia',
    ]);
  });

  test('a key knows which and how they are remembered, and no name', () => {
    const of = (picture: object, by = seeing) =>
      planStory(story(shots({ memory: { pictures: [{ asset: mia, name: 'Mia', ...picture }] } })), by).map(
        ({ key }) => key,
      )[0];
    expect(of({ name: 'Maya' })).toBe(of({}));
    const others = [{}, { asset: kitchen }, { says: 'a cat' }, { pinned: false }].map((picture) => of(picture));
    others.push(of({}, { ...seeing, encoder: 'c'.repeat(64) }), planStory(story(shots()), seeing)[0]?.key);
    expect(new Set(others).size).toBe(others.length);
  });

  test('change nothing where they cannot be remembered', () => {
    const without = keys(story(shots()));
    const memory = { pictures: [{ asset: mia, name: 'Mia' }] };
    expect(keys(story(shots(), { memory }))).toEqual(without); // no encoder
    const sink = { ...seeing, memory: { ...model.memory, policy: 'sink' as const } };
    expect(planned(story(shots(), { memory }), sink)).toEqual(planned(story(shots()), sink));
    const mag = { ...seeing, memory: { ...model.memory, mode: 'mag' as const } };
    expect(planned(story(shots(), { memory }), mag)).toEqual(planned(story(shots()), mag));
  });

  test('a film begins with one only at its first chunk, and the key knows it', () => {
    const told = story(shots({ firstFrame: { asset: mia } }));
    expect(planned(told).map(({ firstFrame }) => firstFrame)).toEqual([
      { asset: mia, encoder: seeing.encoder },
      undefined,
      undefined,
    ]);
    expect(planStory(told, seeing)[0]?.key).not.toBe(planStory(story(shots()), seeing)[0]?.key);
    const led = story(shots({ firstFrame: { asset: mia, leads: true } }));
    expect(planned(led)[0]?.firstFrame).toEqual({ asset: mia, encoder: seeing.encoder, leads: true });
    expect(planStory(led, seeing)[0]?.key).not.toBe(planStory(told, seeing)[0]?.key);
    expect(planned(story(shots({}, { firstFrame: { asset: mia } })))).toEqual(planned(story(shots())));
  });
});
