import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { DIALECTS, RUNTIMES } from '../../contract/runtimes.ts';
import type { FunctionConfig } from '../app-config.ts';
import { findHandler } from '../handler-file.ts';
import { findImage, type ImageShipment } from '../images/image-files.ts';
import { NOWHERE, type Problem, problemAt } from '../problem.ts';
import { inRoot, missingRoot } from '../root-folder.ts';

/** A function that is a program: what starts it is settled. */
export interface ProgramPlan {
  readonly config: FunctionConfig;
  readonly dialect: string;
  /** Relative to the function's root; empty when a command starts it. `export`: what `_HANDLER` says. */
  readonly handler: { readonly file: string; readonly export: string };
  /** Of a container: what is shipped, in place of its root. */
  readonly shipment?: ImageShipment;
}

/** What a custom runtime's program is called when nobody says it; the second comes with a layer. */
const BOOTSTRAP = ['bootstrap', '.opt/bootstrap'] as const;
/** Files that Node.js runs, so that they need no run bit. */
const JAVASCRIPT = /\.[cm]?[jt]s$/;

/** Whether a function runs as a program, by its runtime. */
export const isProgram = ({ runtime }: FunctionConfig): boolean => RUNTIMES[runtime]?.language === null;

/**
 * Settles what starts a function of a runtime that runs programs, and in which dialect it is spoken to.
 * @param dir the app's folder
 */
export async function planProgram(dir: string, config: FunctionConfig): Promise<ProgramPlan | Problem> {
  const { runtime, command, handler } = config;
  const dialect = RUNTIMES[runtime]?.dialect ?? config.dialect ?? '';
  if (config.dialect !== null && config.dialect !== dialect)
    return problemAt(
      config.place,
      `runtime "${runtime}" speaks the dialect "${dialect}", not "${config.dialect}"`,
    );
  if (!Object.hasOwn(DIALECTS, dialect))
    return problemAt(
      config.place,
      `runtime "${runtime}" needs a dialect`,
      'write "dialect: lambda" or "dialect: http"',
    );
  if (RUNTIMES[runtime]?.image === true) {
    const shipment = await findImage(dir, config);
    if ('message' in shipment) return shipment;
    return { config, dialect, handler: { file: shipment.main, export: '' }, shipment };
  }
  const missing = await missingRoot(dir, config);
  if (missing !== null) return missing;
  if (command !== null) return { config, dialect, handler: { file: '', export: '' } };
  const root = join(dir, config.root);
  const found =
    runtime === 'http' ? await findServer(root, handler.text) : await findBootstrap(root, handler.text);
  if ('fault' in found)
    return problemAt(
      handler.place,
      `function "${config.name}": ${found.fault}${inRoot(config)}`,
      found.suggestion,
    );
  const path = posix.join(config.root, found.file);
  const mayRun = ((await stat(join(root, found.file))).mode & 0o100) !== 0;
  if (!mayRun && !(runtime === 'http' && JAVASCRIPT.test(found.file))) {
    const place = { ...NOWHERE, file: path };
    return problemAt(place, `function "${config.name}": its program has no run bit`, `chmod +x ${path}`);
  }
  return { config, dialect, handler: found };
}

type Found = { readonly file: string; readonly export: string };
type Fault = { readonly fault: string; readonly suggestion: string | null };

/**
 * The program of a custom runtime: the file that the handler names, or `bootstrap`, for which the handler is words of its own
 * (`index.handler`).
 */
async function findBootstrap(root: string, text: string): Promise<Found | Fault> {
  const [written = '', words] = text.split('#');
  const named = posix.normalize(written);
  if (!named.startsWith('..') && (await isFile(join(root, named))))
    return { file: named, export: words ?? named };
  for (const file of BOOTSTRAP) if (await isFile(join(root, file))) return { file, export: text };
  const name =
    text === 'bootstrap' ? 'there is no "bootstrap"' : `there is neither "${named}" nor "bootstrap"`;
  return { fault: name, suggestion: 'write "handler: FILE" with the program that asks for calls' };
}

async function findServer(root: string, text: string): Promise<Found | Fault> {
  if (text === '') {
    const suggestion = 'write "command: [python3, app.py]", or "handler: FILE"';
    return { fault: 'nothing says what starts its server', suggestion };
  }
  const found = await findHandler(root, text, null);
  return 'fault' in found ? found : { file: found.file, export: 'server' };
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}
