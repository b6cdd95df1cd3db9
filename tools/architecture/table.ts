/**
 * The import table: every room of the house, what it is for, whom it may import, and what it may touch.
 *
 * A room is a folder or a single file. `*` in a path stands for one folder name, and makes each such folder a room of
 * its own: `src/adapters/sqlite` may not import `src/adapters/bubblewrap`. A room may always import itself. Where two
 * rows match, the more specific one (the longer path) wins. Whatever the table allows, no circle of rooms may form. If the table gets in the way of a good design, change the
 * table, in an ADR: there are no exceptions beside it.
 */
export interface Room {
  /** Path from the repository's root: a folder or a `.ts` file. */
  readonly path: string;
  readonly purpose: string;
  /** Paths of rooms, or of single files inside a room, that it may import; `**` means everything. */
  readonly imports: readonly string[];
  /** What it may touch beside pure computation. */
  readonly powers: readonly Power[];
}

/**
 * - `io`: files, processes, sockets, databases, threads (`node:fs`, `node:child_process`, `node:net`, `node:sqlite` …)
 * - `http`: `node:http`, `node:https`, `node:http2`
 * - `sql`: SQL statements in the source
 * - `clock`: reading the time; everyone else gets the port `Clock`
 * - `timers`: being called back later
 * - `random`: drawing random numbers
 * - `environment`: reading `process.env`
 * - `npm`: packages from outside
 */
export type Power = 'io' | 'http' | 'sql' | 'clock' | 'timers' | 'random' | 'environment' | 'npm';

const everyPower: readonly Power[] = ['io', 'http', 'sql', 'clock', 'timers', 'random', 'environment', 'npm'];
const core = ['src/domain', 'src/ports', 'src/contract', 'src/kit'];

export const ROOMS: readonly Room[] = [
  {
    path: 'src/main.ts',
    purpose: 'argv → command',
    imports: ['src/compose.ts', 'src/config.ts', 'src/cli', 'src/adapters/*', ...core],
    powers: ['environment', 'io', 'npm'],
  },
  {
    path: 'src/compose.ts',
    purpose: 'the composition root: constructs every adapter and wires the node',
    imports: ['**'],
    powers: everyPower,
  },
  {
    path: 'src/compose',
    purpose: 'parts of the composition root that are themselves made of several',
    imports: ['**'],
    powers: everyPower,
  },
  {
    path: 'src/config.ts',
    purpose: 'flags, environment and defaults → one validated, frozen Config',
    imports: ['src/domain', 'src/contract', 'src/kit'],
    powers: ['environment', 'io', 'npm'],
  },
  {
    path: 'src/kit',
    purpose: 'tools without a domain: ids, queues, backoff',
    imports: [],
    powers: ['random', 'timers'],
  },
  { path: 'src/domain', purpose: 'nouns and rules, pure', imports: ['src/kit'], powers: [] },
  {
    path: 'src/contract',
    purpose: 'schemas and messages shared with guest, CLI and every client',
    imports: [],
    powers: ['npm'],
  },
  {
    path: 'src/ports',
    purpose: 'what the core needs from outside, with the failures it must expect',
    imports: ['src/domain', 'src/contract', 'src/kit'],
    powers: [],
  },
  {
    path: 'src/dataplane/gateway',
    purpose: 'HTTP in, HTTP out: hosts, routes, bodies, limits',
    imports: [...core, 'src/dataplane/dispatch'],
    powers: ['http', 'random', 'timers', 'npm'],
  },
  {
    path: 'src/dataplane/dispatch',
    purpose: 'carries the scheduler’s decisions out: calls, instances, usage',
    imports: [...core, 'src/dataplane/scheduler', 'src/dataplane/sandbox'],
    powers: ['random', 'timers'],
  },
  {
    path: 'src/dataplane/scheduler',
    purpose: 'decides, purely, which call gets which instance',
    imports: core,
    powers: [],
  },
  {
    path: 'src/dataplane/sandbox',
    purpose: 'the link to one instance: the guest protocol from the platform’s side',
    imports: core,
    powers: ['timers'],
  },
  {
    path: 'src/controlplane',
    purpose: 'puts releases, variables and tokens together, and serves what was deployed before',
    imports: [...core, 'src/controlplane/*'],
    powers: [],
  },
  {
    path: 'src/controlplane/*',
    purpose: 'changes what is deployed',
    imports: [...core, 'src/controlplane/*'],
    powers: ['random', 'timers', 'npm'],
  },
  {
    path: 'src/controlplane/api',
    purpose: 'the control API: HTTP, tokens, problems',
    imports: [...core, 'src/controlplane/*'],
    powers: ['http', 'random', 'timers', 'npm'],
  },
  {
    path: 'src/services/*',
    purpose: 'state for user code; reaches functions through the port Invoker',
    imports: core,
    powers: ['random', 'timers', 'npm'],
  },
  {
    path: 'src/protocols/*',
    purpose: 'other people’s wire protocols, mapped onto services and the control plane',
    imports: [...core, 'src/services/*', 'src/controlplane', 'src/controlplane/*'],
    powers: ['http', 'timers', 'random', 'npm'],
  },
  {
    path: 'src/adapters/*',
    purpose: 'the only code that knows a technology',
    imports: core,
    powers: everyPower,
  },
  {
    path: 'src/build',
    purpose: 'from a folder of code to artifacts and a manifest, on the author’s side',
    imports: ['src/domain', 'src/contract', 'src/kit'],
    powers: everyPower,
  },
  {
    path: 'src/cli',
    purpose: 'one file a command; speaks only the control API',
    imports: ['src/contract', 'src/kit', 'src/build', 'src/domain/errors.ts', 'src/config.ts'],
    powers: everyPower,
  },
  {
    path: 'guest/node',
    purpose: 'runs inside the sandbox, beside the author’s code; no dependencies',
    imports: ['src/contract', 'guest/web'],
    powers: ['io', 'http', 'clock', 'timers', 'random', 'environment'],
  },
  {
    path: 'guest/supervisor',
    purpose: 'runs inside the sandbox and the author’s program beside it: custom runtimes, web servers',
    imports: ['src/contract', 'guest/node'],
    powers: ['io', 'http', 'clock', 'timers', 'random', 'environment'],
  },
  {
    path: 'guest/web',
    purpose: 'the web’s classes and fetch inside the sandbox: undici, without its HTTP client',
    imports: [],
    powers: ['npm'],
  },
  { path: 'tests', purpose: 'the public surface, from outside', imports: ['**'], powers: everyPower },
  { path: 'tools', purpose: 'the project’s own checks', imports: ['**'], powers: everyPower },
  { path: 'bench', purpose: 'the promised numbers, measured', imports: ['**'], powers: everyPower },
];
