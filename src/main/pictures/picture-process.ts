// Entry of the process that decodes pictures: one that was made to break a decoder ends this process and nothing else.
import { createBirpc } from 'birpc';
import { outcomeOf } from '../../shared/outcome.ts';
import { parentPort } from '../engine/parent-port.ts';
import { framesPixels, picturePixels, stripFrames, takePicture } from './picture-work.ts';
import type { PictureFunctions } from './protocol.ts';

// Ctrl+C in a terminal reaches the whole group; the owner decides what stops, and when.
process.on('SIGINT', () => {});

const port = parentPort();

createBirpc<object, PictureFunctions>(
  {
    take: (bytes, name) => outcomeOf('Reading the picture', () => takePicture(bytes, name)),
    frames: (pngs, to) => outcomeOf('Reading the footage', () => framesPixels(pngs, to)),
    strip: (png, count, to) => outcomeOf('Reading the footage', () => stripFrames(png, count, to)),
    pixels: (png, to) => outcomeOf('Reading the picture', () => picturePixels(png, to)),
  },
  { post: (message) => port.post(message), on: (listener) => port.on(listener), timeout: -1 },
);
