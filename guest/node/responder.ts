/**
 * How a dialect answers a call: once `whole`, or `head`, any number of `chunk`s, `end`.
 * Every method throws InvalidResponse when it comes out of order or with something that HTTP can't carry.
 */
export interface Responder {
  /** A head was given: an error can no longer become a status. */
  readonly begun: boolean;
  /** The complete answer. Headers are flat `[name, value, name, value …]`. */
  whole(status: number, headers: readonly string[], body: Uint8Array | string | null): void;
  head(status: number, headers: readonly string[]): void;
  /**
   * A part of the body; it must not be changed afterwards. A promise: the client is slow, give the next part when
   * it is settled. It never rejects; parts for a client that has gone are dropped.
   */
  chunk(part: Uint8Array): Promise<void> | undefined;
  end(): void;
}
