import type { RouteFile } from '../../config-schema.ts';
import { isMapping, type Section } from '../section.ts';
import { readVendorPath } from '../vendor-route.ts';

/**
 * `apis`: name → base path → path → action → method, or `{ method, response }`.
 * @param actions names of the package's actions
 * @param sequences names of its sequences
 * @returns routes by the action's name
 */
export function readApis(
  apis: Section | undefined,
  actions: readonly string[],
  sequences: readonly string[],
): ReadonlyMap<string, readonly RouteFile[]> {
  const found = new Map<string, RouteFile[]>();
  for (const [, api] of apis?.members() ?? []) {
    for (const [base, paths] of api.members()) {
      for (const [path, targets] of paths.members()) {
        for (const action of targets.keys) {
          const routes = readTarget(targets, action, `/${base}/${path}`);
          if (actions.includes(action)) found.set(action, [...(found.get(action) ?? []), ...routes]);
          else if (sequences.includes(action)) {
            targets.tell(action, { severity: 'later', means: 'it leads to a sequence' });
          } else targets.tell(action, { severity: 'ignored', means: `there is no action "${action}" here` });
        }
      }
    }
  }
  return found;
}

function readTarget(targets: Section, action: string, path: string): string[] {
  const described = isMapping(targets.value(action)) ? targets.section(action) : undefined;
  const written = (described === undefined ? targets.text(action) : described.text('method')) ?? 'get';
  const method = written.toUpperCase();
  const response = described?.text('response');
  if (response !== undefined && response !== 'http') {
    described?.tell('response', {
      severity: 'ignored',
      means: 'answers are those of a web action, as with "http"',
    });
  }
  const { patterns, loss } = readVendorPath(path);
  if (loss !== null) targets.tell(action, { severity: 'ignored', means: loss });
  if (patterns.some((pattern) => pattern.includes('/:'))) {
    const means = 'the parts of its path are no parameters of the action';
    targets.tell(action, { severity: 'ignored', means });
  }
  return patterns.map((pattern) => (method === 'ANY' ? pattern : `${method} ${pattern}`));
}
