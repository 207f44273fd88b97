import { InvalidArgumentError, Option } from 'commander';
import { type FrameSize, frameSizeRule, isFrameSize, parseFrameSize } from '../../shared/frame-size.ts';

/** `--size 832x480` on the command line. */
export function sizeOption(description: string): Option {
  return new Option('--size <WxH>', description).argParser(frameSize);
}

function frameSize(text: string): FrameSize {
  const size = parseFrameSize(text);
  if (size && isFrameSize(size)) return size;
  throw new InvalidArgumentError(frameSizeRule());
}
