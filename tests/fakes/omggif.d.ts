declare module 'omggif' {
  /** Reads GIF files; delays are in hundredths of a second. */
  export class GifReader {
    constructor(bytes: Uint8Array);
    readonly height: number;
    numFrames(): number;
    /** 0: for ever. */
    loopCount(): number | null;
    frameInfo(index: number): { readonly delay: number };
  }
}
