import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'docs/**/*.md'];
const LINK = /\]\((?!https?:)([^)#\s]+)/g;
/** A path of ours in code marks: `src/kit/ids.ts`, `npm test -- tests/build`. Capitals stand for what a reader fills in. */
const PATH = /(?<=[`\s])(?:src|guest|tests|tools|docs|bench|examples|templates)\/[^\s`,;)]*/g;
const PLACEHOLDER = /[A-Z]{2,}|[*…{]/;

/** Every link and every path in the documents that leads nowhere, as `document:line  target`. */
export function findDeadReferences(root: string): string[] {
  return DOCUMENTS.flatMap((pattern) => globSync(pattern, { cwd: root }))
    .sort()
    .flatMap((document) => {
      const lines = readFileSync(join(root, document), 'utf8').split('\n');
      return lines.flatMap((line, index) =>
        deadIn(line, join(root, dirname(document)), root).map(
          (target) => `${document}:${index + 1} leads to ${target}, which is not there.`,
        ),
      );
    });
}

function deadIn(line: string, folder: string, root: string): string[] {
  const links = [...line.matchAll(LINK)].map(([, target = '']) => target);
  const code = [...line.matchAll(/`[^`]+`/g)].flatMap(([text]) => text.match(PATH) ?? []);
  return [
    ...links.filter((target) => !existsSync(join(folder, target))),
    ...code.filter((path) => !PLACEHOLDER.test(path) && !exists(join(root, path))),
  ];
}

/** A file, a folder, or the beginning of the name of one (`npm test` takes parts of paths). */
function exists(path: string): boolean {
  if (existsSync(path)) return true;
  const folder = dirname(path);
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(basename(path)));
}
