/** One token of a text. */
export interface Token {
  readonly id: number;
  /** What it stands for, as the vocabulary spells it; empty where an earlier token of the same character stands for it. */
  readonly text: string;
  readonly startsWord: boolean;
}

/** Text to tokens, without the end token. */
export interface TextTokenizer {
  readonly unknownId: number;
  readonly endId: number;
  /** Largest id that can come out. */
  readonly largestId: number;
  encode(text: string): Token[];
}
