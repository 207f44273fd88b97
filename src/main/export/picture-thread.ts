// The thread of one film's pictures: enlarging and converting one takes tens of milliseconds, which no window has to wait for.
import { parentPort, workerData } from 'node:worker_threads';
import { i420Bytes, rgbToI420 } from './colour.ts';
import type { PictureSizes, PictureTask } from './picture-converter.ts';
import { createUpscaler } from './resample.ts';

if (!parentPort) throw new Error('this file is started by picture-converter.ts');
const port = parentPort;
const { source, target } = workerData as PictureSizes;
const upscaler = createUpscaler(source, target);

port.on('message', ({ rgb, spare }: PictureTask) => {
  const planes = spare ?? new Uint8Array(i420Bytes(target.width, target.height));
  rgbToI420(upscaler.apply(rgb), target.width, target.height, planes);
  port.postMessage(planes, [planes.buffer]);
});
