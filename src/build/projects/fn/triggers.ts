import type { Section } from '../section.ts';
import { readVendorPath } from '../vendor-route.ts';

/** HTTP triggers, which Fn has at `/t/APP/SOURCE`; here they are at `/SOURCE` as well, as the app has a host of its own. */
export function readTriggers(top: Section): string[] {
  return top.sections('triggers').flatMap((trigger) => {
    const source = trigger.text('source') ?? '';
    const type = trigger.text('type') ?? 'http';
    trigger.pass('name');
    trigger.leave('ignored', { annotations: 'nothing here reads annotations' });
    if (type !== 'http') {
      trigger.tell('type', { severity: 'ignored', means: `Mayfly has no trigger of the type "${type}"` });
      return [];
    }
    const [path = '/'] = routesOf(trigger, 'source', source);
    return [path, `/t/:app${path === '/' ? '' : path}`];
  });
}

/** The route of Fn's first versions, below `/r/APP`. */
export function readPath(top: Section): string[] {
  const path = top.text('path');
  return path === undefined ? [] : routesOf(top, 'path', path);
}

function routesOf(section: Section, key: string, path: string): string[] {
  const { patterns, loss } = readVendorPath(path);
  if (loss !== null) section.tell(key, { severity: 'ignored', means: loss });
  return [...patterns];
}
