import type { Shell } from './shell.ts';

/** One long step of a command, told on stderr. */
export interface Progress {
  update(text: string): void;
  /** Ends it; with a text, leaves that line behind. */
  done(text?: string): void;
}

export const SILENT: Progress = { update() {}, done() {} };

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_INTERVAL_MS = 80;
const CLEAR_LINE = '\r\u001b[2K';

/**
 * A spinner on a terminal, plain lines otherwise. Our own and not the prompt library's: that one puts the keyboard into
 * raw mode and answers Ctrl-C with exit code 0, before any node or upload could be ended in order.
 */
export function startProgress(shell: Shell, text: string): Progress {
  const out = shell.stderr;
  if (out.isTTY !== true || shell.env.TERM === 'dumb') {
    out.write(`${text} …\n`);
    return {
      update: (next) => void out.write(`${next} …\n`),
      done: (last) => void (last !== undefined && out.write(`${last}\n`)),
    };
  }
  let current = text;
  let frame = 0;
  const draw = () => out.write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${current} …`);
  draw();
  const timer = setInterval(draw, FRAME_INTERVAL_MS);
  timer.unref();
  return {
    update(next) {
      current = next;
    },
    done(last) {
      clearInterval(timer);
      out.write(CLEAR_LINE + (last === undefined ? '' : `${last}\n`));
    },
  };
}
