import type { ReleaseManifest } from '../contract/manifest.ts';
import type { DeployAnswer } from '../contract/release-api.ts';
import type { Paint } from './paint.ts';
import { renderTable } from './table.ts';

const COLUMNS = ['function', 'methods', 'url'].map((title) => ({ title }));

/**
 * Function, methods, URL: what was deployed, for people. The answer has one URL for each distinct pattern, in the
 * order of the routes; the methods are the manifest's.
 */
export function routeTable(answer: DeployAnswer, manifest: ReleaseManifest, paint: Paint): string {
  const rows = answer.functions.flatMap(({ name, urls }) => {
    if (urls.length === 0) return [[paint('bold', name), '', '(no route: call it with "mayfly invoke")']];
    const methods = methodsByPattern(manifest, name);
    return urls.map((url, index) => [index === 0 ? paint('bold', name) : '', methods[index] ?? '', url]);
  });
  return renderTable(COLUMNS, rows);
}

function methodsByPattern(manifest: ReleaseManifest, name: string): string[] {
  const methods = new Map<string, string[]>();
  for (const route of manifest.functions.find((item) => item.name === name)?.routes ?? []) {
    const word = route.method === '*' ? 'ANY' : route.method;
    methods.set(route.pattern, [...(methods.get(route.pattern) ?? []), word]);
  }
  return [...methods.values()].map((words) => words.join(', '));
}
