import type { Place } from '../../problem.ts';
import type { AppDraft } from '../app-draft.ts';
import { type AwsRuntime, readAwsRuntime } from './aws-runtime.ts';

/** What a Lambda function is, in AWS's units, as far as both tools say it. */
export interface AwsFunction {
  /** `nameFor` of the draft. */
  readonly name: string;
  /** Where each part is written. */
  place(key?: AwsFunctionKey): Place;
  readonly runtime: string;
  /** What its handler is when no event of AWS reaches it: a program that listens on `PORT`, or a web application in Python. */
  readonly web?: 'server' | 'application' | undefined;
  /** An image, which speaks the Lambda Runtime API, in place of runtime and handler. */
  readonly image?: AwsImage | undefined;
  readonly handler: string | null;
  /** Folder with its code, relative to the app's. */
  readonly root?: string | undefined;
  readonly memoryMb: number;
  readonly timeoutS: number;
  readonly reserved?: number | undefined;
  readonly provisioned?: number | undefined;
  readonly include?: readonly string[];
  readonly external?: readonly string[];
  readonly minify?: boolean | undefined;
}

export interface AwsImage {
  /** An archive, a folder or a Dockerfile, relative to the app's folder. */
  readonly path: string;
  /** What starts it, when that differs from what the image says. */
  readonly command?: readonly string[] | undefined;
}

export type AwsFunctionKey =
  | 'runtime'
  | 'handler'
  | 'root'
  | 'memory'
  | 'timeout'
  | 'concurrency'
  | 'include';

const memoryMbLeast = 64;
const memoryMbMost = 10_240;
const timeoutSMost = 86_400;

/** The payload of HTTP events, as the `lambda` dialect is told it. */
export const PAYLOAD_VARIABLE = 'MAYFLY_LAMBDA_PAYLOAD';

const IMAGE: AwsRuntime = { runtime: 'container', dialect: null, note: null };
const SERVER: AwsRuntime = { runtime: 'http', dialect: null, note: null };

/** Puts a Lambda function into the draft. @returns false when nothing here could run it, which is told */
export function addAwsFunction(draft: AppDraft, given: AwsFunction): boolean {
  const { name } = given;
  const own = { function: name };
  const { runtime, dialect, note } = runtimeOf(given);
  if (note !== null) {
    const { severity, ...said } = note;
    draft[severity]({ place: given.place('runtime'), what: `runtime ${given.runtime}`, ...said, ...own });
  }
  if (runtime === null) return false;
  draft.addFunction(name, given.place());
  const set = (key: AwsFunctionKey, value: unknown) =>
    draft.set(['functions', name, key], value, given.place(key));
  set('runtime', runtime);
  if (given.image !== undefined) {
    const place = given.place('handler');
    draft.set(['functions', name, 'image'], given.image.path, place);
    draft.set(['functions', name, 'contract'], 'runtime-api', place);
    draft.set(['functions', name, 'command'], given.image.command, place);
  }
  if (dialect !== null) draft.set(['functions', name, 'dialect'], dialect, given.place('runtime'));
  set('root', given.root === '.' ? undefined : given.root);
  if (given.image === undefined) set('handler', given.handler ?? 'bootstrap');
  const bound = (key: AwsFunctionKey, value: number, least: number, most: number): number => {
    const near = Math.round(Math.min(most, Math.max(least, value)));
    if (near !== value)
      draft.ignored({ place: given.place(key), what: `${key} ${value}`, means: `${near} is taken`, ...own });
    return near;
  };
  set('memory', `${bound('memory', given.memoryMb, memoryMbLeast, memoryMbMost)}MB`);
  set('timeout', `${bound('timeout', given.timeoutS, 1, timeoutSMost)}s`);
  setConcurrency(draft, given);
  for (const glob of given.include ?? [])
    draft.add(['functions', name, 'include'], glob, given.place('include'));
  for (const each of given.external ?? []) draft.add(['functions', name, 'external'], each, given.place());
  if (given.minify === true) draft.set(['functions', name, 'minify'], true, given.place());
  return true;
}

function runtimeOf({ image, web, runtime }: AwsFunction): AwsRuntime {
  if (image !== undefined) return IMAGE;
  if (web === 'server') return SERVER;
  const own = readAwsRuntime(runtime);
  return web === 'application' && own.runtime !== null ? { ...own, dialect: 'http' } : own;
}

function setConcurrency(draft: AppDraft, { name, reserved, provisioned, place }: AwsFunction): void {
  if (reserved === 0) {
    const means = 'in AWS that turns the function off; here it is on';
    draft.ignored({ place: place('concurrency'), what: 'reserved concurrency 0', means, function: name });
  }
  const max = reserved === undefined || reserved < 1 ? undefined : Math.min(10_000, reserved);
  const kept = provisioned === undefined ? undefined : Math.min(provisioned, max ?? 100);
  const concurrency = {
    ...(max === undefined ? {} : { max }),
    ...(kept === undefined ? {} : { provisioned: kept }),
  };
  if (Object.keys(concurrency).length > 0) {
    draft.set(['functions', name, 'concurrency'], concurrency, place('concurrency'));
  }
}
