import { createHash } from 'node:crypto';
import { slug } from '../../../kit/slug.ts';

/** An app and an environment make a host label of at most 63; `--v99999999` must fit. */
const APP_CHARS_MAX = 50;
const PREFIX = 'lambda-';
const HASH_CHARS = 8;
const LIKE_A_HASH = /(^|-)[0-9a-f]{8}$/;

/** The environment that serves `$LATEST`. */
const LATEST_ENVIRONMENT = 'latest';
const VERSION_ENVIRONMENT = /^v([1-9]\d*)$/;

/** The environment that serves a version; 0 is `$LATEST`. */
export function environmentOf(version: number): string {
  return version === 0 ? LATEST_ENVIRONMENT : `v${version}`;
}

/** Null: it serves no version of a function. */
export function versionOfEnvironment(environment: string): number | null {
  if (environment === LATEST_ENVIRONMENT) return 0;
  const number = VERSION_ENVIRONMENT.exec(environment)?.[1];
  return number === undefined ? null : Number(number);
}

/**
 * The app that holds a function of the Lambda API. Names of Lambda know capitals and underscores, and may be long: where a
 * name is not its own slug, a hash keeps two of them apart. A name that ends as if it had one gets one too.
 */
export function lambdaAppOf(name: string): string {
  const plain = slug(name);
  const room = APP_CHARS_MAX - PREFIX.length;
  const isPlain = plain === name && plain.length <= room && !plain.includes('--');
  if (isPlain && !LIKE_A_HASH.test(plain)) return `${PREFIX}${plain}`;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARS);
  const short = plain.slice(0, room - HASH_CHARS - 1).replace(/-+$/, '');
  return `${PREFIX}${short === '' ? '' : `${short}-`}${hash}`;
}

/** The one function of such an app. */
export function functionOfApp(app: string): string {
  return app.slice(PREFIX.length);
}
