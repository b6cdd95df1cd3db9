import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { MayflyError } from '../../domain/errors.ts';
import type { ArtifactStore } from '../../ports/artifacts.ts';
import type { BuildWorkspaces, Workspace, WorkspaceExit } from '../../ports/build-workspaces.ts';
import type { BuiltRelease, SourceBuild, SourceBuilder } from '../../ports/source-builder.ts';
import { readBuiltApp } from './built-app-reader.ts';
import { OutputLines } from './output-lines.ts';
import { planPackages } from './package-plan.ts';

interface NpmBuilderDeps {
  readonly workspaces: BuildWorkspaces;
  readonly artifacts: ArtifactStore;
  /** Words that start Mayfly's own program in a workspace: `node /…/main.js`. */
  readonly mayfly: readonly string[];
  /** How long each step of a build may take. */
  readonly stepMs: number;
}

const PACKAGE_BYTES_MAX = 1024 * 1024;
/** npm as a build wants it: quiet about everything that nobody here would act on. */
const NPM_SETTINGS = {
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  npm_config_progress: 'false',
};

/** Builds with npm and Mayfly's own bundler, each step in the workspace and none in the platform's process. */
export class NpmBuilder implements SourceBuilder {
  readonly #deps: NpmBuilderDeps;

  constructor(deps: NpmBuilderDeps) {
    this.#deps = deps;
  }

  async build(build: SourceBuild): Promise<BuiltRelease> {
    const workspace = await this.#deps.workspaces.open(build.app);
    try {
      await build.checkOut(workspace.source);
      const plan = await planOf(workspace.source);
      if (plan.install !== null) await this.#step(build, workspace, 'Installing packages', plan.install);
      if (plan.test !== null) await this.#step(build, workspace, 'Testing', plan.test);
      const words = [...this.#deps.mayfly, 'build', '--output', workspace.inside.result];
      await this.#step(build, workspace, 'Building', words, 'mayfly build');
      return await this.#take(build, workspace);
    } finally {
      await workspace.close();
    }
  }

  async #step(
    { say, signal }: SourceBuild,
    workspace: Workspace,
    title: string,
    words: readonly string[],
    shown = words.join(' '),
  ): Promise<void> {
    say(`${title}: ${shown}`);
    const lines = new OutputLines(say);
    const exit = await workspace.run({
      words,
      environment: NPM_SETTINGS,
      onOutput: (text) => lines.add(text),
      timeoutMs: this.#deps.stepMs,
      signal,
    });
    lines.end();
    if (signal.aborted) throw new MayflyError('CLIENT_CLOSED', 'Nobody waits for the build any more.');
    if (exit.reason === 'exit' && exit.code === 0) return;
    throw new MayflyError('BUILD_FAILED', `"${shown}" ${this.#reasonOf(exit)}.`);
  }

  #reasonOf({ reason, code, signal }: WorkspaceExit): string {
    if (reason === 'timeout') return `took longer than ${Math.round(this.#deps.stepMs / 1000)} s`;
    if (reason === 'memory') return 'used more memory than a build may have';
    return reason === 'exit' ? `failed with exit code ${code}` : `was ended by ${signal}`;
  }

  async #take({ app, say }: SourceBuild, workspace: Workspace): Promise<BuiltRelease> {
    const { artifacts } = this.#deps;
    const head = await readBuiltApp(await workspace.readResult(), async (sha256, bytes, content) => {
      const [missing] = await artifacts.missing([sha256]);
      if (missing !== undefined) await artifacts.putBlob(sha256, bytes, content);
    });
    for (const warning of head.warnings) say(`warning: ${warning}`);
    const name = head.manifest.app;
    if (name !== app) {
      throw new MayflyError(
        'BUILD_FAILED',
        `mayfly.yaml names the app "${name}"; this is the repository of "${app}".`,
      );
    }
    return { manifest: head.manifest, artifacts: head.artifacts };
  }
}

async function planOf(source: string) {
  const locks = ['package-lock.json', 'npm-shrinkwrap.json'].map((name) =>
    lstat(join(source, name)).then(
      (stat) => stat.isFile(),
      () => false,
    ),
  );
  const hasLockFile = (await Promise.all(locks)).includes(true);
  return planPackages(await readPlainFile(join(source, 'package.json')), hasLockFile);
}

/** A file that the author wrote; a link in its place, which may lead anywhere on the host, is not followed. */
async function readPlainFile(path: string): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  );
  if (file === null) return null;
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > PACKAGE_BYTES_MAX) return null;
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
