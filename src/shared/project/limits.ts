/**
 * How much a project, a story or a shot may hold. The one place where these numbers stand: schemas of what comes from
 * outside, the commands of a document and the fields of the interface take them from here.
 */
export const limits = {
  /** Characters (UTF-16 units). */
  title: 200,
  shotName: 120,
  cutName: 120,
  /** Name of a model, and places it came from. */
  modelName: 200,
  modelSources: 16,
  versionName: 120,
  prompt: 4000,
  pinName: 80,
  /** Seeds are 32 bits. */
  seed: 2 ** 32 - 1,
  /** Chunks of one shot. */
  shotChunks: 1000,
  /** Shots of a project. */
  projectShots: 20_000,
  /** Shots of a story, which is one line of shots. */
  storyShots: 10_000,
  /**
   * Chunks of a story in all: 40 hours at 8 frames a second and 12 frames a chunk. Planning walks over every chunk, so
   * that the two limits above alone, ten million chunks, would hold a machine for minutes.
   */
  storyChunks: 100_000,
  /** Chunks of a project in all, its branches included. */
  projectChunks: 200_000,
  /** Frames that one shot always remembers, and never uses. */
  pins: 64,
  bans: 4096,
  /** Pictures put into memory, by one shot and along a story. */
  pictures: 16,
  bankFrames: 64,
  activatedFrames: 64,
  capacity: 4096,
  soundName: 200,
  /** Sounds that hang on one shot, and sounds of a project. */
  shotSounds: 200,
  projectSounds: 5000,
  /** Rows that sounds are shown in. */
  soundRows: 8,
  /** Decibels. */
  quietestGainDb: -60,
  loudestGainDb: 24,
  /** Of a time of a sound, in samples at 48 kHz: a day. */
  soundSamples: 24 * 3600 * 48_000,
  /** Characters of a storyboard as it is stored: more is not read, so that a file from elsewhere cannot fill memory. */
  storedDocument: 256_000_000,
} as const;
