import { readFileSync } from 'node:fs';
import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import type { ImageConfig } from '../../src/contract/image-config.ts';

/** Where the sandbox of a container has what its image says. */
const FILE = `${import.meta.dirname}/image.json`;

/**
 * In a container the image says what starts, where and with which variables; what the author set for the function goes before it.
 * Elsewhere the message stays as it is.
 */
export function asImageSays(message: SpecialiseMessage): SpecialiseMessage {
  const image = readImage();
  if (image === null) return message;
  const command = message.command ?? image.command;
  const env = Object.fromEntries(
    image.env.map((row) => [row.slice(0, row.indexOf('=')), row.slice(row.indexOf('=') + 1)]),
  );
  return {
    ...message,
    command,
    codeDir: image.folder,
    handler: { file: '', export: command.at(-1) ?? '' },
    env: { ...env, ...message.env },
  };
}

function readImage(): ImageConfig | null {
  let text: string;
  try {
    text = readFileSync(FILE, 'utf8');
  } catch {
    return null;
  }
  return JSON.parse(text) as ImageConfig;
}
