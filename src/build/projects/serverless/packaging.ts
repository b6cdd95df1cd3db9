import { listIncludedFiles } from '../../included-files.ts';
import type { KeyPath } from '../../schema-mismatch.ts';
import { mappingAt, placeIn, type Service, type ServiceFunction } from './service.ts';

/**
 * The globs of further files that a function is shipped with. Serverless ships the whole folder unless a bundler does the
 * packaging; patterns of the service come before those of the function, and later ones beat earlier ones.
 */
export async function includesOf(service: Service, own: ServiceFunction, root = '.'): Promise<string[]> {
  const usual = service.bundled ? [] : ['**', `!${service.file}`, '!mayfly.yaml', '!npm-debug.log'];
  const written = [
    ...patternsOf(service.package, ['package']),
    ...patternsOf(mappingAt(own.value, 'package'), [...own.path, 'package']),
  ];
  const kept: string[] = [];
  for (const { glob, path } of written) {
    const tidy = glob.replace(/^(!?)\.\//, '$1').replace(/\/$/, '');
    if (tidy.startsWith('!')) {
      kept.push(tidy);
      continue;
    }
    const { empty } = await listIncludedFiles(root === '.' ? service.dir : `${service.dir}/${root}`, [tidy]);
    if (empty.length === 0) kept.push(tidy);
    else {
      const means = /(^|\/)node_modules(\/|$)/.test(tidy)
        ? 'packages are taken from what the code imports'
        : 'it names no file';
      service.draft.ignored({
        place: placeIn(service, path),
        what: `pattern ${glob}`,
        means,
        function: own.name,
      });
    }
  }
  const all = [...usual, ...kept];
  // A list that only takes away adds nothing.
  return all.every((glob) => glob.startsWith('!')) ? [] : all;
}

interface Pattern {
  readonly glob: string;
  readonly path: KeyPath;
}

function patternsOf(part: Readonly<Record<string, unknown>>, path: KeyPath): Pattern[] {
  const list = (key: string, prefix = ''): Pattern[] =>
    (Array.isArray(part[key]) ? part[key] : [])
      .filter((glob: unknown): glob is string => typeof glob === 'string')
      .map((glob, index) => ({ glob: `${prefix}${glob}`, path: [...path, key, index] }));
  return [...list('exclude', '!'), ...list('include'), ...list('patterns')];
}

/** Packages that are not bundled, as esbuild's plugin is told; those that Lambda brings along are not meant. */
export function externalsOf({ custom }: Service): string[] {
  const { external } = mappingAt(custom, 'esbuild');
  const list = Array.isArray(external) ? external : [];
  return list.filter(
    (name: unknown): name is string =>
      typeof name === 'string' && /^(@[\w.-]+\/)?[\w.-]+$/.test(name) && !/^(aws-sdk$|@aws-sdk\/)/.test(name),
  );
}
