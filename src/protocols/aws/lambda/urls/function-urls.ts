import { randomInt } from 'node:crypto';
import { nameUrl } from '../../../../controlplane/releases/app-urls.ts';
import type { LambdaSettingRecord, LambdaStore } from '../../../../ports/lambda-store.ts';

/** What the author set for a URL, in AWS's words. */
export interface UrlSettings {
  readonly AuthType: 'NONE' | 'AWS_IAM';
  readonly InvokeMode: 'BUFFERED' | 'RESPONSE_STREAM';
  readonly Cors?: UrlCors;
}

export interface UrlCors {
  readonly AllowCredentials?: boolean;
  readonly AllowHeaders?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowOrigins?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  /** s. */
  readonly MaxAge?: number;
}

/** A URL of a function or of one of its aliases. */
export interface FunctionUrl extends UrlSettings {
  /** 32 letters and digits, drawn at random: the first label of its host. */
  readonly id: string;
  readonly function: string;
  /** `''`: `$LATEST`. */
  readonly qualifier: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

interface FunctionUrlsDeps {
  readonly store: LambdaStore;
  readonly region: string;
  /** Where the edge listens, as its clients reach it. */
  readonly edgeUrl: () => string;
}

const KIND = 'url';
const ID_CHARS = 32;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const HOST = /^([a-z2-7]{32})\.lambda-url\./i;
const PATH = /^\/@([a-z2-7]{32})\.lambda-url\.[a-z0-9-]+(?=[/?]|$)/;

/** What a request says by its host, or by the beginning of its path, which works on any host. */
export interface UrlTarget {
  readonly id: string;
  /** Path and query as the function sees them, beginning with `/`. */
  readonly target: string;
}

/** Null: the request is none to a function's URL. */
export function urlTargetOf(host: string | undefined, url: string): UrlTarget | null {
  const inPath = PATH.exec(url);
  if (inPath !== null) {
    const rest = url.slice(inPath[0].length);
    return { id: inPath[1]!, target: rest.startsWith('/') ? rest : `/${rest}` };
  }
  const inHost = HOST.exec(host ?? '');
  return inHost === null ? null : { id: inHost[1]!.toLowerCase(), target: url };
}

/** Which URLs there are. A URL goes with its function or its alias. */
export class FunctionUrls {
  readonly #deps: FunctionUrlsDeps;

  constructor(deps: FunctionUrlsDeps) {
    this.#deps = deps;
  }

  /** `http://ID.lambda-url.REGION.localhost:4566/`, or with `/@…` where hosts are addresses. */
  addressOf({ id }: Pick<FunctionUrl, 'id'>): string {
    const { edgeUrl, region } = this.#deps;
    return `${nameUrl(edgeUrl(), `${id}.lambda-url.${region}`)}/`;
  }

  async find(id: string): Promise<FunctionUrl | null> {
    return urlOf(await this.#deps.store.findSetting(KIND, id));
  }

  async at(fn: string, qualifier: string): Promise<FunctionUrl | null> {
    return urlOf(await this.#deps.store.getSetting(fn, qualifier, KIND));
  }

  async of(fn: string): Promise<FunctionUrl[]> {
    const records = await this.#deps.store.listSettings(KIND, fn);
    return records.map((record) => urlOf(record)!);
  }

  async create(fn: string, qualifier: string, settings: UrlSettings, now: number): Promise<FunctionUrl> {
    const id = Array.from({ length: ID_CHARS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    return await this.save({ id, function: fn, qualifier, createdAt: now, modifiedAt: now, ...settings });
  }

  async save(url: FunctionUrl): Promise<FunctionUrl> {
    const { id, function: fn, qualifier, modifiedAt, ...value } = url;
    await this.#deps.store.saveSetting({ function: fn, qualifier, kind: KIND, key: id, value, modifiedAt });
    return url;
  }

  async remove({ function: fn, qualifier }: FunctionUrl): Promise<void> {
    await this.#deps.store.removeSetting(fn, qualifier, KIND);
  }
}

function urlOf(record: LambdaSettingRecord | null): FunctionUrl | null {
  if (record === null) return null;
  const { function: fn, qualifier, key, modifiedAt } = record;
  const value = record.value as unknown as UrlSettings & { readonly createdAt: number };
  return { ...value, id: key!, function: fn, qualifier, modifiedAt };
}
