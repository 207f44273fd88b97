/**
 * What one client may take of the browser host. Generous for a person with many windows; small enough that a broken or
 * hostile client never takes the host away from them.
 */
export const limits = {
  /** Bytes of a request's headers: cookies of every port of this machine come along. */
  headerBytes: 32 * 1024,
  headerCount: 100,
  /**
   * A client that has not said what it wants by then is cut off, in milliseconds; one that sends a file has longer, as
   * long as something comes.
   */
  headersTimeMs: 10_000,
  requestTimeMs: 600_000,
  /** An answered connection waits so long for the next request. */
  keepAliveMs: 5_000,
  /** A client that takes nothing of its answer for so long is cut off. */
  idleTimeMs: 120_000,
  /** Connections of clients that were not let in; beyond, the one that came first goes. */
  strangers: 200,
  /** Connections of clients that were let in: a browser opens six for a page. */
  guests: 400,
  /** Sockets of the API: one for each window. */
  sockets: 64,
  /** Bytes of one message; a script of the largest size fits. */
  messageBytes: 32 * 1024 * 1024,
  /** How deep a message may be nested. What the contract knows is nested less than a dozen deep. */
  messageDepth: 64,
  /** Calls of one socket that are not answered yet, streams included. */
  callsAtOnce: 256,
  /** Bytes that may wait for a client that does not read. */
  unreadBytes: 128 * 1024 * 1024,
  /** How often a socket is asked whether its client is still there; one that misses two is cut off. */
  heartbeatMs: 30_000,
  /** A client that is told that its socket is closed has so long to agree. */
  closeTimeMs: 2_000,
} as const;

/** {@link limits} as a host was given them; tests give smaller ones. */
export type Limits = { readonly [Name in keyof typeof limits]: number };
