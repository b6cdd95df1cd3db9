import path from 'node:path';

/** Saves that come within this time are one change, ms: editors write several files, or one in several steps. */
const QUIET_MS = 15;

/** Never watched, wherever they are: not the author's sources, and large. */
const IGNORED = new Set([
  ...['node_modules', '.mayfly', '.git', '.hg', '.svn', 'coverage'],
  ...['__pycache__', '.venv', 'venv', '.tox', '.pytest_cache', '.mypy_cache'],
]);

export interface SourceWatch {
  /** Also watch these files, outside the folder (a workspace package, say). */
  add(files: readonly string[]): void;
  close(): Promise<void>;
}

/**
 * Watches an app's folder and tells of changes in groups, as absolute paths. New, removed, renamed and atomically replaced files
 * count. `onChange` is called again only when its promise has settled; what changed meanwhile comes then.
 */
export async function watchSources(
  dir: string,
  onChange: (changed: readonly string[]) => Promise<void>,
): Promise<SourceWatch> {
  const { watch } = await import('chokidar');
  const isIgnored = (file: string) =>
    path
      .relative(dir, file)
      .split(path.sep)
      .some((part) => IGNORED.has(part));
  // `atomic: false`: that option holds every removal back for 100 ms; our own quiet time covers a rename over a file.
  // chokidar drops a change that comes within 50 ms of the last one to the same file, so that the second of two quick
  // saves would never be built. What the kernel said (`raw`) is therefore taken as well; chokidar's own events bring
  // what was already in a folder when its watching began.
  const watcher = watch(dir, { ignored: isIgnored, ignoreInitial: true, atomic: false });
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  const flush = async (): Promise<void> => {
    if (running || pending.size === 0) return;
    running = true;
    const changed = [...pending];
    pending.clear();
    await onChange(changed);
    running = false;
    schedule();
  };
  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), QUIET_MS);
  };
  const note = (file: string) => {
    if (isIgnored(file)) return;
    pending.add(file);
    schedule();
  };
  watcher.on('all', (_event, file) => note(path.resolve(file)));
  watcher.on('raw', (_event, name, details) => {
    for (const file of pathsOf(name, (details as { watchedPath?: string }).watchedPath)) note(file);
  });
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  watcher.once('ready', resolve);
  await ready;
  return {
    add: (files) => {
      const outside = files.filter((file) => path.relative(dir, file).startsWith('..'));
      if (outside.length > 0) watcher.add(outside);
    },
    close: async () => {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

/** What a raw event is about: the watched file itself, or `name` in the watched folder; both when one cannot tell. */
function pathsOf(name: string | null, watchedPath: string | undefined): string[] {
  if (watchedPath === undefined) return [];
  const watched = path.resolve(watchedPath);
  if (name === null) return [watched];
  const inside = path.join(watched, name);
  return path.basename(watched) === name ? [watched, inside] : [inside];
}
