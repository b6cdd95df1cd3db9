import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { RefUpdate } from '../../ports/repositories.ts';

/** Descriptors that `git receive-pack` inherits and passes on to its hook. */
export const HOOK_FD = { told: 3, answers: 4 } as const;

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

/** Bytes that the references of one push may take; some 10,000. */
const TOLD_BYTES_MAX = 1024 * 1024;

/**
 * The `pre-receive` hook: tells the node where the objects are and what is to change, prints what the node says, and ends as it
 * decides. By two inherited descriptors, not by a socket of a name: nobody but this very push can speak on them, and they close with
 * the node, which refuses the push.
 */
const SCRIPT = `#!/bin/sh
{ printf '%s\\n' "$GIT_QUARANTINE_PATH"; cat; echo end; } >&${HOOK_FD.told}
while IFS= read -r line <&${HOOK_FD.answers}; do
  case $line in
    'say '*) printf '%s\\n' "\${line#say }" ;;
    accept) exit 0 ;;
    *) exit 1 ;;
  esac
done
exit 1
`;

/** Writes the hook into a folder of its own, for \`core.hooksPath\`. */
export function writePushHook(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'pre-receive');
  writeFileSync(file, SCRIPT);
  chmodSync(file, 0o700);
}

export interface ToldPush {
  /** Folder of the objects that came with the push; empty: none came. */
  readonly quarantine: string;
  readonly updates: readonly RefUpdate[];
}

/** What the hook tells; null: it never ran, since there was nothing to decide. */
export async function readTold(stream: Readable): Promise<ToldPush | null> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const chunk of stream) {
    text += decoder.write(chunk as Buffer);
    if (text.endsWith('\nend\n')) return toldIn(text);
    if (text.length > TOLD_BYTES_MAX) return null;
  }
  return null;
}

function toldIn(text: string): ToldPush {
  const [quarantine = '', ...lines] = text.slice(0, -'\nend\n'.length).split('\n');
  const updates = lines
    .filter((line) => line !== '')
    .map((line) => {
      const [before = '', after = '', ...ref] = line.split(' ');
      return { ref: ref.join(' '), before: commitIn(before), after: commitIn(after) };
    });
  return { quarantine, updates };
}

/** Git writes a reference that is not there as zeros. */
const commitIn = (text: string): string | null => (/^0*$/.test(text) ? null : text);

/** Speaks to the hook. */
export class HookAnswers {
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  say(line: string): void {
    if (this.#stream.writable) this.#stream.write(`say ${printable(line)}\n`);
  }

  decide(accepted: boolean): void {
    if (this.#stream.writable) this.#stream.end(accepted ? 'accept\n' : 'refuse\n');
  }
}

/** Without colours, and without whatever else a terminal would take for a command. */
function printable(line: string): string {
  return line.replace(COLOUR, '').replace(/[^\P{Cc}\t]/gu, '');
}
