import { createHash } from 'node:crypto';
import type { ConfigSource } from '../../config-source.ts';
import type { Place } from '../../problem.ts';
import type { KeyPath } from '../../schema-mismatch.ts';
import { ACCOUNT } from '../aws/aws-resource.ts';
import type { ProjectOptions } from '../foreign-project.ts';
import { VariableBudget } from './variable-budget.ts';
import type { VariableFiles } from './variable-files.ts';
import { readVariables, type Source, type Variable, type VariableText } from './variable-syntax.ts';

/** A variable that no source has a value for. */
export interface UnresolvedVariable {
  readonly path: KeyPath;
  readonly place: Place;
  readonly text: string;
  readonly why: string;
}

const STAGE_DEFAULT = 'dev';
const REGION_DEFAULT = 'us-east-1';

/** Stores of a vendor or of an operator, whose values only they know. */
const REMOTE: Readonly<Record<string, string>> = {
  ssm: "AWS's parameter store",
  s3: 'an S3 bucket',
  cf: 'the outputs of a CloudFormation stack',
  vault: 'a vault',
  doppler: 'Doppler',
  terraform: "Terraform's state",
  secrets: 'a store of secrets',
  output: 'the outputs of another service',
  state: 'the state of another service',
  git: 'Git',
};

/** Nobody has a value: the next source is asked. */
class Missing extends Error {}

/**
 * The variables of a Serverless Framework configuration (`${self:…}`, `${opt:…}`, `${env:…}`, `${file(…)}`, `${sls:…}`,
 * `${param:…}`, `${aws:…}`), resolved when somebody reads a value. A value that cannot be resolved is undefined, and stands in
 * `unresolved`.
 */
export class Variables {
  readonly unresolved: UnresolvedVariable[] = [];
  readonly #source: ConfigSource;
  readonly #options: ProjectOptions;
  readonly #files: VariableFiles;
  readonly #env: Record<string, string | undefined>;
  /** Addresses that are being resolved, to find circles. */
  readonly #open: string[] = [];
  /** Parts of other files that are being resolved, to find circles. */
  readonly #parts: string[] = [];
  /** Where the value at a path of the configuration comes from, when that is another file. */
  readonly #origins = new Map<string, { readonly source: ConfigSource; readonly path: KeyPath }>();

  readonly #budget: VariableBudget;

  constructor(source: ConfigSource, options: ProjectOptions, files: VariableFiles) {
    this.#source = source;
    this.#options = options;
    this.#files = files;
    this.#env = { ...options.env };
    this.#budget = new VariableBudget(() => source.placeOf([], 'value'));
  }

  /** Adds environment variables; one that is there already stays. */
  addEnv(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) this.#env[name] ??= value;
  }

  async stage(): Promise<string> {
    const { stage, opt = {} } = this.#options;
    return stage ?? opt.stage ?? (await this.#text(['provider', 'stage'])) ?? STAGE_DEFAULT;
  }

  async region(): Promise<string> {
    const { region, opt = {} } = this.#options;
    return region ?? opt.region ?? (await this.#text(['provider', 'region'])) ?? REGION_DEFAULT;
  }

  /** The value at a path of the configuration, with every variable in it resolved; undefined: there is none. */
  async read(path: KeyPath): Promise<unknown> {
    const [value, at] = await this.#find(path);
    return this.#deep(value, at);
  }

  /** Where a value stands, in whichever file it was written. */
  placeOf(path: KeyPath, at: 'key' | 'value' = 'key'): Place {
    for (let length = path.length; length > 0; length -= 1) {
      const origin = this.#origins.get(JSON.stringify(path.slice(0, length)));
      if (origin !== undefined) return origin.source.placeOf([...origin.path, ...path.slice(length)], at);
    }
    return this.#source.placeOf(path, at);
  }

  async #text(path: KeyPath): Promise<string | undefined> {
    const value = await this.read(path);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  }

  /** Goes down a path, through variables on the way. */
  async #find(path: KeyPath): Promise<[value: unknown, path: KeyPath]> {
    let value = this.#source.value;
    for (const [index, part] of path.entries()) {
      if (typeof value === 'string') value = await this.#leaf(value, path.slice(0, index));
      value = own(value, part);
    }
    return [value, path];
  }

  async #deep(value: unknown, path: KeyPath): Promise<unknown> {
    this.#budget.countValue();
    if (typeof value === 'string') {
      const resolved = await this.#leaf(value, path);
      return resolved === value || typeof resolved !== 'object'
        ? resolved
        : this.#included(resolved, path, value);
    }
    if (Array.isArray(value)) {
      const list: unknown[] = [];
      for (const [index, item] of value.entries()) list.push(await this.#deep(item, [...path, index]));
      return list;
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries: [string, unknown][] = [];
    for (const [key, inner] of Object.entries(value))
      entries.push([key, await this.#deep(inner, [...path, key])]);
    return Object.fromEntries(entries);
  }

  /** What a variable stands for, which may be a part of another file; a part that includes itself ends there. */
  async #included(value: unknown, path: KeyPath, text: string): Promise<unknown> {
    const origin = this.#origins.get(JSON.stringify(path));
    if (origin === undefined) return this.#deep(value, path);
    const part = `${origin.source.file}:${origin.path.join('.')}`;
    if (this.#parts.includes(part)) {
      this.#tell(path, text, 'the file includes itself');
      return undefined;
    }
    this.#parts.push(part);
    try {
      return await this.#deep(value, path);
    } finally {
      this.#parts.pop();
    }
  }

  /** One text that may hold variables; what it stands for may hold further ones. */
  async #leaf(text: string, path: KeyPath): Promise<unknown> {
    if (!text.includes('${')) return text;
    try {
      return await this.#join(readVariables(text), path);
    } catch (thrown) {
      if (!(thrown instanceof Missing)) throw thrown;
      this.#tell(path, text, thrown.message);
      return undefined;
    }
  }

  #tell(path: KeyPath, text: string, why: string): void {
    const known = this.unresolved.some(
      (each) => each.text === text && JSON.stringify(each.path) === JSON.stringify(path),
    );
    if (!known) this.unresolved.push({ path, place: this.placeOf(path, 'value'), text, why });
  }

  /** A text that is one variable has its value, whatever it is; otherwise every part must be text. */
  async #join(parts: VariableText, path: KeyPath): Promise<unknown> {
    const [only] = parts;
    if (parts.length === 1 && typeof only === 'object') return this.#variable(only, path);
    let whole = '';
    for (const part of parts) {
      whole += typeof part === 'string' ? part : say(await this.#variable(part, null), part.text);
      this.#budget.checkText(whole.length);
    }
    return whole;
  }

  /** @param path where the value will stand; null: in the middle of a text */
  async #variable({ text, sources }: Variable, path: KeyPath | null): Promise<unknown> {
    this.#budget.countValue();
    const reasons: string[] = [];
    for (const [index, source] of sources.entries()) {
      try {
        const value = await this.#value(source, path);
        if (value !== undefined && (value !== null || index === sources.length - 1)) return value;
        reasons.push(`${text} has no value`);
      } catch (thrown) {
        if (!(thrown instanceof Missing)) throw thrown;
        reasons.push(thrown.message);
      }
    }
    throw new Missing(reasons[0] ?? `${text} has no value`);
  }

  async #value(source: Source, path: KeyPath | null): Promise<unknown> {
    if (source.kind === 'literal') return source.value;
    if (source.kind === 'variable') return this.#variable(source.variable, path);
    const { type } = source;
    const argument = say((await this.#join(source.argument ?? [], [])) ?? '', type);
    const address = say((await this.#join(source.address ?? [], [])) ?? '', type);
    switch (type) {
      case 'self':
        return this.#self(address);
      case 'opt':
        return this.#option(address);
      case 'env':
        return this.#env[address] ?? fail(`the environment variable ${address} is not set`);
      case 'sls':
        return address === 'stage' ? this.stage() : address === 'instanceId' ? this.#instance() : undefined;
      case 'param':
        return this.#parameter(address);
      case 'file':
        return this.#file(argument, address, path);
      case 'strToBool':
        return /^(true|1)$/i.test(argument);
      case 'aws':
        if (address === 'accountId') return ACCOUNT;
        return address === 'region' ? this.region() : fail(`"aws:${address}" is only known in AWS`);
      default:
        return fail(
          REMOTE[type] === undefined
            ? `there is no source "${type}"`
            : `the value stands in ${REMOTE[type]}, which is not asked`,
        );
    }
  }

  async #self(address: string): Promise<unknown> {
    const circle = this.#open.indexOf(address);
    if (circle >= 0) fail(`it refers to itself: ${[...this.#open.slice(circle), address].join(' → ')}`);
    this.#open.push(address);
    try {
      const before = this.unresolved.length;
      const value = await this.read(address === '' ? [] : address.split('.'));
      if (value === undefined) {
        // Told where the value was wanted: at the place that refers to this one.
        const [inner] = this.unresolved.splice(before);
        if (inner !== undefined) fail(inner.why);
      }
      if (value !== undefined && value !== null) return value;
      if (address === 'provider.stage') return this.#options.stage ?? STAGE_DEFAULT;
      if (address === 'provider.region') return this.#options.region ?? REGION_DEFAULT;
      return fail(`the configuration has no "${address}"`);
    } finally {
      this.#open.pop();
    }
  }

  #option(name: string): unknown {
    const { opt = {}, stage, region } = this.#options;
    const given = name === 'stage' ? stage : name === 'region' ? region : undefined;
    const flag = name === 'stage' || name === 'region' ? `--${name} NAME` : `--opt ${name}=VALUE`;
    return given ?? opt[name] ?? fail(`no option "${name}" is given: ${flag}`);
  }

  async #parameter(name: string): Promise<unknown> {
    const given = this.#options.params?.[name];
    if (given !== undefined) return given;
    const stage = await this.stage();
    for (const each of [stage, 'default']) {
      for (const path of [
        ['stages', each, 'params', name],
        ['params', each, name],
      ]) {
        const value = await this.read(path);
        if (value !== undefined && value !== null) return value;
      }
    }
    return fail(`no parameter "${name}" is given: --param ${name}=VALUE`);
  }

  /** The same for the same project, since a release must be: Serverless makes a new one each time. */
  #instance(): string {
    return createHash('sha256')
      .update(this.#source.file ?? '')
      .digest('hex')
      .slice(0, 12);
  }

  async #file(file: string, address: string, path: KeyPath | null): Promise<unknown> {
    const found = await this.#files.read(file, {
      options: { ...this.#options.opt, stage: this.#options.stage, region: this.#options.region },
      resolveVariable: async (text: string) => this.#join(readVariables(`\${${text}}`), []),
      resolveConfigurationProperty: (parts: readonly string[]) => this.read(parts),
    });
    if (found === null) return fail(`there is no file "${file}"`);
    const parts = address === '' ? [] : address.split('.');
    let value = found.value;
    for (const part of parts) {
      if (typeof value === 'string') value = await this.#leaf(value, []);
      value = own(value, part);
      if (typeof value === 'function') value = await found.call(value as (...args: unknown[]) => unknown);
    }
    if (path === null || typeof value !== 'object') {
      return typeof value === 'string' ? this.#leaf(value, path ?? []) : value;
    }
    this.#origins.set(JSON.stringify(path), { source: found, path: parts });
    return value;
  }
}

function fail(why: string): never {
  throw new Missing(why);
}

function say(value: unknown, text: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  return fail(`${text} is ${value === null || value === undefined ? 'nothing' : 'no text'}`);
}

function own(of: unknown, key: string | number): unknown {
  return typeof of === 'object' && of !== null && Object.hasOwn(of, key)
    ? (of as Readonly<Record<string | number, unknown>>)[key]
    : undefined;
}
