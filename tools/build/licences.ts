import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.|-|$)/i;
const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/**
 * The licences of the packages that went into a bundle, which ask to be handed on with it. `inputs` are paths of bundled files,
 * relative to `root`. @throws Error when a package says nothing about its licence
 */
export function licencesOf(root: string, inputs: readonly string[]): string {
  const folders = new Set(inputs.map((path) => PACKAGE.exec(path)?.[1]).filter((path) => path !== undefined));
  const parts = [...folders].sort().map((folder) => licenceOf(join(root, folder)));
  return `Mayfly's compiled code contains the packages below, under their own licences.\n\n${parts.join('\n')}`;
}

function licenceOf(folder: string): string {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (license === undefined) throw new Error(`${folder} does not say under which licence it is.`);
  if (texts.length === 0) texts.push(`By ${author?.name ?? author ?? `the authors of ${name}`}.`);
  return `── ${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
}
