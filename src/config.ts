import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { MayflyError } from './domain/errors.ts';
import { nearestWord } from './kit/edit-distance.ts';
import { parseBytes, parseDuration } from './kit/quantity.ts';

/** A node's configuration: validated, complete, frozen. Durations in ms, sizes in bytes unless the name says MB. */
export interface Config {
  /** Folder with all state of the node. */
  readonly data: string;
  readonly host: string;
  readonly gatewayPort: number;
  readonly controlPort: number;
  /** Where other vendors' wire protocols are spoken. */
  readonly edgePort: number;
  /** What the edge calls the place where it is, in names and credentials. */
  readonly awsRegion: string;
  /** A zip archive of code that is sent to the Lambda API, and what a function's code and layers may unpack to. */
  readonly lambdaZipBytesMax: number;
  readonly lambdaCodeBytesMax: number;
  /** What a call by the Lambda API may carry (and answer), and one that nobody waits for. */
  readonly lambdaPayloadBytesMax: number;
  readonly lambdaAsyncBytesMax: number;
  /** All code that is sent to the Lambda API, and the calls at a time that its functions may reserve. */
  readonly lambdaStorageBytesMax: number;
  readonly lambdaConcurrencyMax: number;
  readonly isolation: 'sandbox' | 'process';
  /** The Python that runs functions, a path or a program on PATH; python3: the machine's. */
  readonly python: string;
  /** Suffixes under which apps answer: `hello.localhost`. */
  readonly domains: readonly string[];
  readonly drainTimeoutMs: number;
  readonly headerBytesMax: number;
  readonly bodyBytesMax: number;
  readonly responseBytesMax: number;
  readonly connectionsMax: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly stalledClientMs: number;
  readonly instancesMax: number;
  readonly projectInstancesMax: number;
  readonly instanceMemoryMbMax: number;
  readonly prewarmMin: number;
  readonly prewarmMax: number;
  readonly idleFreezeMs: number;
  readonly buildsMax: number;
  readonly buildTimeoutMs: number;
  readonly buildMemoryMbMax: number;
  readonly logBytesMax: number;
  readonly logAgeMsMax: number;
  readonly usageBytesMax: number;
  readonly usageAgeMsMax: number;
  /** Of each app, besides those that environments serve or can be rolled back to. */
  readonly releasesKept: number;
  readonly releaseAgeMsMax: number;
}

/** One setting: by flag (`--gateway-port`), by variable (`MAYFLY_GATEWAY_PORT`), or by key of the file (`gatewayPort`). */
export interface Setting {
  readonly key: keyof Config;
  readonly flag: string;
  readonly variable: string;
  readonly default: string;
  readonly help: string;
}

interface Row {
  readonly default: string;
  readonly help: string;
  parse(text: string): unknown;
}

const integer =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
      throw new RangeError(`a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  };
const port = integer(0, 65_535);
const count = integer(1, 1_000_000);
const oneOf =
  (...values: string[]) =>
  (text: string): string => {
    if (!values.includes(text)) throw new RangeError(`one of ${values.join(', ')}`);
    return text;
  };
const names = (text: string): readonly string[] => {
  const list = text.split(',').map((name) => name.trim().toLowerCase());
  if (list.some((name) => !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name)))
    throw new RangeError('host names separated by commas');
  return Object.freeze(list);
};
const region = (text: string): string => {
  if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(text)) throw new RangeError('a name such as us-east-1');
  return text;
};
const folder = (text: string): string => (text.trim() === '' ? refuse('a folder') : resolve(text));
const host = (text: string): string => {
  if (!/^[A-Za-z0-9.:-]+$/.test(text)) throw new RangeError('an address or a host name');
  return text;
};

const duration = (text: string): number => parseDuration(text) ?? refuse('a duration such as 250ms, 10s, 5m');
/** For what a timer counts, which holds no more than 24.8 days. */
const wait = (text: string): number => {
  const ms = duration(text);
  return ms <= WAIT_MS_MAX ? ms : refuse('a duration up to 24d');
};
const bytes = (text: string): number => parseBytes(text) ?? refuse('a size such as 32KB, 100MB, 1GB');
/** Node.js takes no header limit for its own default, and a smaller one refuses every client. */
const headerBytes = (text: string): number => {
  const size = bytes(text);
  return size >= HEADER_BYTES_MIN ? size : refuse('a size from 1KB');
};

function refuse(expected: string): never {
  throw new RangeError(expected);
}

const WAIT_MS_MAX = 24 * 86_400_000;
const HEADER_BYTES_MIN = 1024;
const megabytes = Math.floor(totalmem() / 2 ** 20);

const TABLE: Record<keyof Config, Row> = {
  data: { default: '.mayfly', help: 'folder with all state of the node', parse: folder },
  host: { default: '127.0.0.1', help: 'address that the listeners bind', parse: host },
  gatewayPort: { default: '8080', help: 'port of the functions (0: any free one)', parse: port },
  controlPort: { default: '8090', help: 'port of the control API (0: any free one)', parse: port },
  edgePort: { default: '4566', help: "port of other vendors' protocols (0: any free one)", parse: port },
  awsRegion: { default: 'us-east-1', help: 'region in ARNs and credentials of the edge', parse: region },
  lambdaZipBytesMax: { default: '50MB', help: "zip archive sent to the edge's Lambda API", parse: bytes },
  lambdaCodeBytesMax: {
    default: '250MB',
    help: 'code and layers of such a function, unpacked',
    parse: bytes,
  },
  lambdaPayloadBytesMax: { default: '6MB', help: 'payload of a call by the Lambda API', parse: bytes },
  lambdaAsyncBytesMax: { default: '1MB', help: 'payload of such a call that nobody waits for', parse: bytes },
  lambdaStorageBytesMax: { default: '75GB', help: 'all code that the Lambda API keeps', parse: bytes },
  lambdaConcurrencyMax: {
    default: '1000',
    help: 'calls at a time that functions of the Lambda API share and reserve',
    parse: count,
  },
  isolation: { default: 'sandbox', help: 'sandbox or process', parse: oneOf('sandbox', 'process') },
  python: {
    default: 'python3',
    help: 'Python that runs functions: a path, or a program on PATH',
    parse: (text) => text,
  },
  domains: { default: 'localhost', help: 'suffixes under which apps answer', parse: names },
  drainTimeoutMs: { default: '30s', help: 'how long calls may finish at shutdown', parse: wait },
  headerBytesMax: { default: '32KB', help: 'request line and headers', parse: headerBytes },
  bodyBytesMax: { default: '100MB', help: 'request body', parse: bytes },
  responseBytesMax: { default: '1GB', help: 'response body', parse: bytes },
  connectionsMax: { default: '10000', help: 'open client connections', parse: count },
  headersTimeoutMs: { default: '10s', help: 'time to send the request headers', parse: wait },
  requestTimeoutMs: { default: '5m', help: 'time to send the whole request', parse: wait },
  keepAliveTimeoutMs: { default: '65s', help: 'how long an idle connection is kept', parse: wait },
  stalledClientMs: { default: '30s', help: 'how long a client may take no byte', parse: wait },
  instancesMax: { default: '1000', help: 'instances on the node', parse: count },
  projectInstancesMax: { default: '1000', help: 'instances of one project', parse: count },
  instanceMemoryMbMax: {
    default: String(Math.max(256, Math.floor(megabytes * 0.8))),
    help: 'sum of the memory bounds of all instances, MB',
    parse: integer(64, 1_000_000_000),
  },
  prewarmMin: { default: '2', help: 'empty guests kept booted', parse: integer(0, 1_000) },
  prewarmMax: {
    default: String(Math.max(4, 4 * availableParallelism())),
    help: 'empty guests kept booted under a burst',
    parse: integer(0, 1_000),
  },
  idleFreezeMs: { default: '100ms', help: 'idle time after which an instance is frozen', parse: wait },
  buildsMax: { default: '2', help: 'builds of pushed source at a time', parse: integer(1, 64) },
  buildTimeoutMs: { default: '10m', help: 'how long each step of such a build may take', parse: wait },
  buildMemoryMbMax: {
    default: '2048',
    help: 'memory of such a build, MB',
    parse: integer(256, 1_000_000),
  },
  logBytesMax: { default: '256MB', help: 'disk for log lines', parse: bytes },
  logAgeMsMax: { default: '14d', help: 'how long log lines are kept', parse: duration },
  usageBytesMax: { default: '2GB', help: 'disk for the usage ledger', parse: bytes },
  usageAgeMsMax: { default: '400d', help: 'how long the ledger is kept', parse: duration },
  releasesKept: { default: '100', help: 'releases kept of an app, besides those in use', parse: count },
  releaseAgeMsMax: {
    default: '400d',
    help: 'how long a release is kept that is not in use',
    parse: duration,
  },
};

const KEYS = Object.keys(TABLE) as (keyof Config)[];

/** `drainTimeoutMs` → `drain-timeout`: units belong to the value a person writes, not to the flag. */
const flagOf = (key: string): string =>
  key.replace(/Ms(?=Max|$)/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export const SETTINGS: readonly Setting[] = KEYS.map((key) => ({
  key,
  flag: `--${flagOf(key)}`,
  variable: `MAYFLY_${flagOf(key).replaceAll('-', '_').toUpperCase()}`,
  default: TABLE[key].default,
  help: TABLE[key].help,
}));

/**
 * Flags beat variables beat `node.yaml` in the data folder (or the file that MAYFLY_CONFIG names) beat defaults.
 * `flags` are keyed by setting key (and `config`, the file); absent ones are undefined.
 * @throws MayflyError CONFIG_INVALID naming the source, the key, what was expected, and the nearest right name
 */
export function loadConfig(
  flags: Readonly<Partial<Record<string, string>>>,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const dataText = flags.data ?? environment.MAYFLY_DATA ?? TABLE.data.default;
  const named = flags.config ?? environment.MAYFLY_CONFIG;
  const file = readFile(named ?? join(dataText, 'node.yaml'), named !== undefined);
  refuseUnknown(file.values, file.name);
  const config: Record<string, unknown> = {};
  for (const { key, flag, variable } of SETTINGS) {
    const [text, source] =
      flags[key] !== undefined
        ? [flags[key], flag]
        : environment[variable] !== undefined
          ? [environment[variable], variable]
          : file.values[key] !== undefined
            ? [textOf(file.values[key]), `${file.name}: ${key}`]
            : [TABLE[key].default, 'default'];
    config[key] = parseSetting(key, text, source);
  }
  return Object.freeze(config) as unknown as Config;
}

/** A value of the file as a flag would say it; what no flag can say becomes the empty text, which no setting takes. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function parseSetting(key: keyof Config, text: string, source: string): unknown {
  try {
    return TABLE[key].parse(text);
  } catch (thrown) {
    const expected = thrown instanceof Error ? thrown.message : String(thrown);
    throw new MayflyError('CONFIG_INVALID', `${source}: "${text}" is not ${expected}.`);
  }
}

function refuseUnknown(values: Readonly<Record<string, unknown>>, name: string): void {
  for (const key of Object.keys(values)) {
    if (Object.hasOwn(TABLE, key)) continue;
    const suggestion = nearestWord(key, KEYS);
    const hint = suggestion === null ? '' : ` Did you mean "${suggestion}"?`;
    throw new MayflyError('CONFIG_INVALID', `${name}: unknown key "${key}".${hint}`);
  }
}

function readFile(path: string, required: boolean): { name: string; values: Record<string, unknown> } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (!required && (cause as NodeJS.ErrnoException).code === 'ENOENT') return { name: path, values: {} };
    throw new MayflyError('CONFIG_INVALID', `Cannot read ${path}: ${String(cause)}`, { cause });
  }
  let values: unknown;
  try {
    values = parseYaml(text) ?? {};
  } catch (cause) {
    throw new MayflyError('CONFIG_INVALID', `${path} is no valid YAML: ${String(cause)}`, { cause });
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new MayflyError('CONFIG_INVALID', `${path} must hold keys and values.`);
  }
  return { name: path, values: values as Record<string, unknown> };
}
