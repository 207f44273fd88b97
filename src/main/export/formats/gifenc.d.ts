declare module 'gifenc' {
  /** Colours as [red, green, blue], 0..255. */
  export type Palette = readonly (readonly [number, number, number])[];

  export interface FrameOptions {
    readonly palette: Palette;
    /** How long the frame is shown, in milliseconds; stored in hundredths of a second. */
    readonly delay: number;
    /** 0: for ever; -1: once. Read from the first frame. */
    readonly repeat: number;
  }

  export interface Encoder {
    writeFrame(index: Uint8Array, width: number, height: number, options: FrameOptions): void;
    finish(): void;
    bytes(): Uint8Array;
  }

  /** A CommonJS module for Node: everything hangs on its default export. */
  const gifenc: {
    GIFEncoder(): Encoder;
    /** @param rgba pixels, four bytes each */
    quantize(rgba: Uint8Array | Uint8ClampedArray, mostColours: number): Palette;
    /** @returns the index of each pixel's nearest colour */
    applyPalette(rgba: Uint8Array | Uint8ClampedArray, palette: Palette): Uint8Array;
  };
  export default gifenc;
}
