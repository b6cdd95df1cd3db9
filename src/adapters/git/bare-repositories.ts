import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { MayflyError } from '../../domain/errors.ts';
import type {
  GitRequest,
  GitService,
  Push,
  PushGate,
  RemoteBranch,
  Repositories,
  Repository,
} from '../../ports/repositories.ts';
import { ArrivedPush } from './arrived-push.ts';
import { GIT_LIMITS, type GitLimits } from './git-limits.ts';
import { endOf, type FindProgram, GitProgram } from './git-program.ts';
import { HOOK_FD, HookAnswers, readTold, writePushHook } from './push-hook.ts';
import { type RemoteAccess, remoteCommit } from './remote-branch.ts';
import { feed } from './request-body.ts';

const APP = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DEFAULT_BRANCH = 'main';
/** What a process that was killed leaves: objects of a push that came to nothing, half a checkout. */
const LEFTOVERS = /^(tmp_objdir-|incoming-|checkout-)/;
const SUFFIX = '.git';

/** Opens the repositories in a folder that only the platform may read, and clears what a killed platform left there. */
export function openRepositories(
  folder: string,
  find: FindProgram,
  limits: Partial<GitLimits> = {},
): Repositories {
  const hooks = join(folder, 'hooks');
  writePushHook(hooks);
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(SUFFIX)) continue;
    for (const inner of ['', 'objects']) removeLeftovers(join(folder, name, inner));
  }
  const all = { ...GIT_LIMITS, ...limits };
  return new BareRepositories(folder, hooks, all, new GitProgram(find, all));
}

function removeLeftovers(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (LEFTOVERS.test(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** `APP.git` a repository; its HEAD names the production branch, so that a clone checks that one out. */
class BareRepositories implements Repositories {
  readonly #folder: string;
  readonly #hooks: string;
  readonly #limits: GitLimits;
  readonly #git: GitProgram;

  constructor(folder: string, hooks: string, limits: GitLimits, git: GitProgram) {
    this.#folder = folder;
    this.#hooks = hooks;
    this.#limits = limits;
    this.#git = git;
  }

  async ensure(
    app: string,
    productionBranch: string | null,
  ): Promise<{ readonly repository: Repository; readonly created: boolean }> {
    const path = this.#pathOf(app);
    const before = await this.find(app);
    const branch = productionBranch ?? before?.productionBranch ?? DEFAULT_BRANCH;
    const { code } = await this.#git.run(['check-ref-format', '--branch', branch], { codes: [1, 128] });
    if (code !== 0 || branch.startsWith('-'))
      throw new MayflyError('VALIDATION_FAILED', `"${branch}" cannot be the name of a branch.`);
    if (before === null) {
      await this.#git.run(['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`, path]);
    } else if (before.productionBranch !== branch) {
      await this.#git.run([`--git-dir=${path}`, 'symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
    }
    return { repository: { app, productionBranch: branch }, created: before === null };
  }

  async find(app: string): Promise<Repository | null> {
    let head: string;
    try {
      head = readFileSync(join(this.#pathOf(app), 'HEAD'), 'utf8');
    } catch {
      return null;
    }
    const branch = /^ref: refs\/heads\/(.+)\n/.exec(head)?.[1];
    return branch === undefined ? null : { app, productionBranch: branch };
  }

  async remove(app: string): Promise<boolean> {
    const there = (await this.find(app)) !== null;
    await rm(this.#pathOf(app), { recursive: true, force: true });
    return there;
  }

  async advertise(
    app: string,
    service: GitService,
    protocol: string | null,
  ): Promise<AsyncIterable<Uint8Array>> {
    const path = await this.#existing(app);
    const verb = service.slice('git-'.length);
    const child = this.#git.spawn([verb, '--stateless-rpc', '--advertise-refs', path], {
      environment: protocolOf(protocol),
    });
    const bare = service === 'git-upload-pack' && /(^|:)version=2(:|$)/.test(protocol ?? '');
    return this.#advertisement(child, bare ? '' : `${packetLine(`# service=${service}\n`)}0000`);
  }

  async serveFetch(app: string, request: GitRequest): Promise<AsyncIterable<Uint8Array>> {
    const path = await this.#existing(app);
    const child = this.#git.spawn(['upload-pack', '--stateless-rpc', path], {
      stdio: ['pipe', 'pipe', 'ignore'],
      environment: protocolOf(request.protocol),
    });
    void feed(request, child.stdin!, this.#limits.fetchRequestBytesMax);
    return this.#answer(child, AbortSignal.any([request.signal, AbortSignal.timeout(this.#limits.fetchMs)]));
  }

  async receivePush(app: string, request: GitRequest, gate: PushGate): Promise<AsyncIterable<Uint8Array>> {
    const path = await this.#existing(app);
    await this.#checkRoom(path);
    const child = this.#git.spawn(['receive-pack', '--stateless-rpc', path], {
      configuration: [
        `core.hooksPath=${this.#hooks}`,
        `receive.maxInputSize=${this.#limits.pushBytesMax}`,
        'receive.denyDeleteCurrent=refuse',
      ],
      stdio: ['pipe', 'pipe', 'ignore', 'pipe', 'pipe'],
    });
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(this.#limits.pushMs)]);
    void feed(request, child.stdin!, this.#limits.pushBytesMax);
    void this.#converse(child, path, gate, signal);
    return this.#answer(child, signal);
  }

  async mirror(
    app: string,
    remote: RemoteBranch,
    gate: PushGate,
    watch: Pick<Push, 'say' | 'signal'>,
  ): Promise<void> {
    const path = await this.#existing(app);
    await this.#checkRoom(path);
    const access: RemoteAccess = { git: this.#git, repository: path, remote };
    const ref = `refs/heads/${remote.branch}`;
    const over = Promise.withResolvers<void>();
    try {
      const after = await remoteCommit(access);
      const signal = AbortSignal.any([watch.signal, AbortSignal.timeout(this.#limits.pushMs)]);
      const push = new ArrivedPush({
        git: this.#git,
        repository: path,
        quarantine: null,
        updates: [],
        limits: this.#limits,
        signal,
        ended: over.promise,
        say: (line) => watch.say(line),
      });
      const before = await push.current(ref);
      if (before === after) return;
      await gate(push.of([{ ref, before, after }]));
      const change = after === null ? ['-d', ref] : [ref, after];
      await this.#git.run([`--git-dir=${path}`, 'update-ref', ...change]);
    } finally {
      over.resolve();
    }
  }

  async close(): Promise<void> {
    await this.#git.close();
  }

  /** Lets the gate decide what the hook tells. */
  async #converse(child: ChildProcess, path: string, gate: PushGate, signal: AbortSignal): Promise<void> {
    const answers = new HookAnswers(child.stdio[HOOK_FD.answers] as Writable);
    const told = await readTold(child.stdio[HOOK_FD.told] as Readable).catch(() => null);
    if (told === null) {
      answers.decide(false);
      return;
    }
    const push = new ArrivedPush({
      git: this.#git,
      repository: path,
      quarantine: told.quarantine === '' ? null : told.quarantine,
      updates: told.updates,
      limits: this.#limits,
      signal,
      ended: endOf(child).then(() => {}),
      say: (line) => answers.say(line),
    });
    try {
      await gate(push);
      answers.decide(true);
    } catch {
      // The gate has said why.
      answers.decide(false);
    }
  }

  async *#advertisement(child: ChildProcess, head: string): AsyncGenerator<Uint8Array> {
    if (head !== '') yield Buffer.from(head);
    yield* this.#answer(child, AbortSignal.timeout(this.#limits.commandMs));
  }

  /** What the process prints; it ends with whoever reads, at the latest. */
  async *#answer(child: ChildProcess, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const stop = () => this.#git.end(child);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      for await (const chunk of child.stdout!) yield chunk as Buffer;
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  async #checkRoom(path: string): Promise<void> {
    const { output } = await this.#git.run([`--git-dir=${path}`, 'count-objects', '-v']);
    const kilobytes = [...output.matchAll(/^size(?:-pack)?: (\d+)$/gm)].reduce(
      (sum, [, digits]) => sum + Number(digits),
      0,
    );
    if (kilobytes * 1024 <= this.#limits.repositoryBytesMax) return;
    throw new MayflyError(
      'STORAGE_FULL',
      `The repository has ${Math.ceil(kilobytes / 1024)} MB; it is full.`,
    );
  }

  #pathOf(app: string): string {
    if (!APP.test(app)) throw new MayflyError('VALIDATION_FAILED', `"${app}" cannot be the name of an app.`);
    return join(this.#folder, app + SUFFIX);
  }

  async #existing(app: string): Promise<string> {
    if ((await this.find(app)) !== null) return this.#pathOf(app);
    throw new MayflyError('NOT_FOUND', `The app "${app}" has no repository: "mayfly git init" makes one.`);
  }
}

const protocolOf = (protocol: string | null): Record<string, string> =>
  protocol !== null && /^[a-z0-9=:.-]{1,64}$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {};

/** A line as Git frames it: four hex digits of length, themselves included. */
const packetLine = (text: string): string =>
  `${(Buffer.byteLength(text) + 4).toString(16).padStart(4, '0')}${text}`;
