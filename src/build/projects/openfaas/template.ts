import { posix } from 'node:path';
import { type ProjectFolder, tidyPath } from '../project-folder.ts';
import { chooseRuntime } from '../runtime-choice.ts';
import type { Section } from '../section.ts';

/** What a function of a template is here. */
export interface TemplateChoice {
  /** Folder of the function. */
  readonly root?: string;
  /** Relative to it. */
  readonly handler?: string;
  /** A container's Dockerfile. */
  readonly image?: string;
  readonly runtime: string;
  readonly dialect?: string;
  /** Variables by which the dialect knows the template. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Templates whose handlers are called in a way of their own. */
const OTHER_CONTRACT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'node10-express-service': 'handlers of this template get an Express application',
    'node-express-service': 'handlers of this template get an Express application',
  }),
);

/** Templates that the dialect has to be told of, because they call handlers in other ways than the rest of their language. */
const TOLD: ReadonlySet<string> = new Set([
  'node',
  'python',
  'python27-flask',
  'python3',
  'python3-debian',
  'python3-flask',
  'python3-flask-debian',
]);

/** Reads `lang` and `handler` of a function. @returns null when it could not run; told */
export async function chooseTemplate(
  section: Section,
  folder: ProjectFolder,
): Promise<TemplateChoice | null> {
  const lang = section.text('lang') ?? '';
  const place = tidyPath(section.text('handler') ?? '.') ?? '.';
  if (lang === '') {
    section.tellAt(section.path, {
      severity: 'blocks',
      means: 'it has no "lang": only an image, whose code is not here',
      suggestion: 'write "lang" and "handler"',
    });
    return null;
  }
  if (/^dockerfile$/i.test(lang)) return container(section, folder, place);
  const other = OTHER_CONTRACT.get(lang);
  if (other !== undefined) {
    const suggestion = 'use the contract of node22: async (event, context) => …';
    section.tell('lang', { severity: 'blocks', means: other, suggestion });
    return null;
  }
  const { runtime, language, note } = chooseRuntime(lang);
  if (note !== null) section.tell('lang', note);
  if (runtime === null) return null;
  const file = language === 'python' ? 'handler.py' : 'handler.js';
  const found = await folder.source(posix.join(place, file));
  const handler = found === null ? file : posix.relative(place, found);
  const env: Record<string, string> = TOLD.has(lang) ? { MAYFLY_OPENFAAS_TEMPLATE: lang } : {};
  return { root: place, handler, runtime, dialect: 'openfaas', env };
}

async function container(
  section: Section,
  folder: ProjectFolder,
  place: string,
): Promise<TemplateChoice | null> {
  const handler = posix.join(place, 'Dockerfile');
  if (await folder.hasFile(handler)) {
    section.tell('lang', {
      severity: 'ignored',
      means:
        'its server must listen on the port that the variable PORT names; a watchdog takes that as "port"',
    });
    return { image: handler, runtime: 'container' };
  }
  section.tell('handler', { severity: 'blocks', means: `there is no file ${handler}` });
  return null;
}
