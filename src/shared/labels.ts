/**
 * What things are called, on the screen, in the terminal and in files: one name for one thing. The spellings of
 * settings and options (`nam+sma`) are not names; they stand in files and commands as they are.
 */

/** A shot that keeps showing a result made before something changed. */
export const keptResult = 'kept result';

/** Frames that a person wants remembered, each under a name. */
export const cast = 'cast';
