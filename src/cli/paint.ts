import { styleText } from 'node:util';
import type { Shell, TerminalOutput } from './shell.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours text for one stream, or leaves it plain: no terminal, `NO_COLOR` set (no-color.org), `TERM=dumb`. */
export type Paint = (style: Style, text: string) => string;

export function paintFor(shell: Shell, stream: TerminalOutput): Paint {
  const coloured = stream.isTTY === true && !shell.env.NO_COLOR && shell.env.TERM !== 'dumb';
  return coloured
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Text that came from a function, made safe for a terminal: no control characters but line feed and tab, so that a log line
 * cannot move the cursor, retitle the window or hide another line.
 */
export function printable(text: string): string {
  return text.replace(CONTROL, '');
}
