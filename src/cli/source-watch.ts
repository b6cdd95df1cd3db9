import path from 'node:path';

/** Saves that come within this time are one change, ms: editors write several files, or one in several steps. */
const QUIET_MS = 15;

/** Never watched, wherever they are: not the author's sources, and large. */
const IGNORED = new Set(['node_modules', '.mayfly', '.git', '.hg', '.svn', 'coverage']);

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
  watcher.on('all', (_event, file) => {
    pending.add(path.resolve(file));
    schedule();
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
