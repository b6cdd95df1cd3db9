/** What keeps the event loop alive on the platform's behalf. */
interface LoopHolder {
  hold(loop: boolean): void;
}

const { on } = process;
let holder: LoopHolder | null = null;
let waiting: (() => void)[] = [];

/** Set once, while booting. */
export function watchLoopOf(channel: LoopHolder): void {
  holder = channel;
  Reflect.apply(on, process, ['beforeExit', loopIsEmpty]);
}

/**
 * Calls back when nothing keeps the event loop alive any more: no timer, no socket, no request. While somebody
 * waits, the protocol socket does not count; Node then tells by `beforeExit`. Returns how to stop waiting.
 */
export function whenLoopIsEmpty(listener: () => void): () => void {
  waiting[waiting.length] = listener;
  holder?.hold(false);
  return () => {
    const others: (() => void)[] = [];
    for (let at = 0; at < waiting.length; at += 1) {
      if (waiting[at] !== listener) others[others.length] = waiting[at]!;
    }
    waiting = others;
    if (waiting.length === 0) holder?.hold(true);
  };
}

function loopIsEmpty(): void {
  const told = waiting;
  waiting = [];
  holder?.hold(true);
  for (let at = 0; at < told.length; at += 1) told[at]!();
}
