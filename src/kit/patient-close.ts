/** What is needed of an HTTP server. */
interface Connections {
  closeIdleConnections(): void;
  closeAllConnections(): void;
}

/** How often connections that have become idle are closed, ms. */
const IDLE_SWEEP_MS = 50;
/** How long the answers that end the last requests may take to leave, ms. */
const LAST_ANSWERS_MS = 1_000;

/**
 * Waits for a server that was told to close. A kept connection becomes idle when its request has been answered, and would
 * hold it up: it is closed then. Requests may take `graceMs`, and the answers that end those that took longer a
 * moment more; what is left is cut.
 */
export async function closePatiently(
  server: Connections,
  closed: Promise<unknown>,
  graceMs: number,
): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs + LAST_ANSWERS_MS);
  try {
    await closed;
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
