/** Draws build/icon.png from build/icon.svg; electron-builder makes every system's icons of it. Run after a change. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';

const folder = join(import.meta.dirname, '../build');
const sidePixels = 1024;

const drawing = await loadImage(join(folder, 'icon.svg'));
drawing.width = sidePixels;
drawing.height = sidePixels;
const canvas = createCanvas(sidePixels, sidePixels);
canvas.getContext('2d').drawImage(drawing, 0, 0, sidePixels, sidePixels);
const png = await canvas.encode('png');
writeFileSync(join(folder, 'icon.png'), png);
console.log(`build/icon.png: ${Math.ceil(png.length / 1024)} KB`);
