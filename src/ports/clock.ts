/** Time, injected, so that a whole node can be simulated. */
export interface Clock {
  /** Monotonic, ms with fractions, from an arbitrary origin. */
  now(): number;
  /** Wall clock, ms since the epoch. */
  wall(): number;
}
