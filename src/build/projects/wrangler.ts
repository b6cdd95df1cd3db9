import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { DEFAULT_RUNTIME } from '../../contract/runtimes.ts';
import { AppDraft } from './app-draft.ts';
import type { ForeignProject } from './foreign-project.ts';
import { readJsonSource } from './json-source.ts';
import { ProjectFolder } from './project-folder.ts';
import { Section } from './section.ts';
import { readTomlSource } from './toml-source.ts';
import { addVendorFunction } from './vendor-function.ts';
import { routesBelow } from './vendor-route.ts';
import { readConsumers, readCrons, tellBindings } from './wrangler/bindings.ts';
import { chooseEnvironment, type WorkerSettings } from './wrangler/environment.ts';
import { leaveSettings, leaveTop } from './wrangler/settings.ts';
import { readVars } from './wrangler/vars.ts';

const FILES = ['wrangler.jsonc', 'wrangler.json', 'wrangler.toml'] as const;

/** Cloudflare's Workers. A Worker is one function at every path; `--stage NAME` (or CLOUDFLARE_ENV) chooses `env.NAME`. */
export const wrangler: ForeignProject = {
  name: 'Cloudflare Workers',
  async detect(dir) {
    for (const file of FILES) {
      if ((await readFile(join(dir, file), 'utf8').catch(() => null)) !== null) return file;
    }
    return null;
  },
  async read(dir, file, { stage, env = {} }) {
    const draft = new AppDraft(file);
    const folder = new ProjectFolder(dir, draft);
    const path = join(dir, file);
    const text = await readFile(path, 'utf8');
    const top = Section.of(
      file.endsWith('.toml') ? readTomlSource(path, file, text) : readJsonSource(path, file, text),
      draft,
    );
    const settings = chooseEnvironment(top, stage ?? env.CLOUDFLARE_ENV);
    const written = top.text('name') ?? posix.basename(dir);
    const name = draft.nameFor(written);
    draft.name(written, top.place('name'));
    draft.addFunction(name, top.place('name'));
    for (const section of settings.all) section.owner = name;
    const handler = await readMain(settings, folder);
    if (handler !== null) {
      addVendorFunction(draft, {
        name,
        place: settings.owner('main').place('main'),
        handler,
        runtime: DEFAULT_RUNTIME,
        dialect: 'fetch',
        env: await readVars(settings, folder),
        routes: routesBelow('/'),
        triggers: [...readCrons(settings), ...readConsumers(settings)],
      });
      draft.set(['functions', name, 'minify'], settings.owner('minify').flag('minify'), top.place('minify'));
    }
    tellBindings(settings);
    leaveSettings(settings);
    leaveTop(top);
    top.close();
    return draft.finish();
  },
};

/** What older versions of the tool took without a `main`: the package's own, or what a custom build was said to make. */
async function usualMain(settings: WorkerSettings, folder: ProjectFolder): Promise<string | undefined> {
  const upload = settings.owner('build').section('build')?.section('upload');
  const uploaded = upload?.text('main');
  upload?.pass('format', 'dir', 'rules');
  if (uploaded !== undefined) return posix.join(upload?.text('dir') ?? '.', uploaded);
  // Files for a site are not enough: the tool serves them with a Worker of its own.
  if (['assets', 'site'].some((key) => settings.owner(key).has(key))) return undefined;
  const main = (await folder.packageJson())?.main;
  return typeof main === 'string' ? main : ((await folder.source('index.js')) ?? undefined);
}

/** `main`, as a source or as a custom build makes it. */
async function readMain(settings: WorkerSettings, folder: ProjectFolder): Promise<string | null> {
  const section = settings.owner('main');
  const main = section.text('main') ?? (await usualMain(settings, folder));
  const built = settings.owner('build').section('build');
  const command = built?.text('command');
  built?.pass('cwd', 'watch_dir');
  const found = main === undefined ? null : await folder.source(posix.normalize(main));
  if (found !== null) {
    if (command !== undefined) {
      built?.tell('command', {
        severity: 'ignored',
        means: `it is not run: ${found} is taken as it is`,
        suggestion: `run "${command}" before mayfly deploy`,
      });
    }
    return found;
  }
  if (main === undefined) {
    section.tellAt([], {
      severity: 'blocks',
      means: 'it has no "main": a site without a Worker is not served yet',
    });
  } else {
    const suggestion = command === undefined ? 'make the file, or correct "main"' : `run "${command}" first`;
    section.tell('main', { severity: 'blocks', means: `there is no file ${main}`, suggestion });
  }
  return null;
}
