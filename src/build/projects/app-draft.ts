import { slug } from '../../kit/slug.ts';
import type { AppFile, FunctionFile } from '../config-schema.ts';
import { NOWHERE, type Place } from '../problem.ts';
import type { KeyPath } from '../schema-mismatch.ts';
import type { Finding, ForeignApp, Severity } from './foreign-project.ts';

interface Said {
  readonly place: Place;
  readonly what: string;
  readonly means: string;
  readonly suggestion?: string;
  readonly function?: string;
}

/**
 * An app that is being read out of another tool's project file, part by part, each with the place that it comes from. A
 * reader names functions with `nameFor`, fills in with `set`, and says with `ignored`, `later` and `blocks` what it could not
 * take over.
 */
export class AppDraft {
  readonly #app: Record<string, unknown> = {};
  readonly #places = new Map<string, Place>();
  readonly #findings: Finding[] = [];
  readonly #files = new Set<string>();
  readonly #names = new Map<string, string>();
  readonly #top: Place;

  /** @param file the project file as problems name it */
  constructor(file: string) {
    this.#top = { file, line: null, column: null };
  }

  /** The app's name, made fit; left out when nothing usable is in it. */
  name(written: string, place: Place): void {
    const name = slug(written);
    if (name !== '') this.set(['name'], name, place);
  }

  /** A function's name here: `createUser` → `create-user`; the same for the same, and no two alike. */
  nameFor(written: string): string {
    const known = this.#names.get(written);
    if (known !== undefined) return known;
    const base = slug(written) || 'function';
    const taken = new Set(this.#names.values());
    let name = base;
    for (let count = 2; taken.has(name); count += 1) name = `${base.slice(0, 59)}-${count}`;
    this.#names.set(written, name);
    return name;
  }

  /** Puts a value at a path of the app's configuration; undefined: nothing. */
  set(path: KeyPath, value: unknown, place: Place): void {
    if (value === undefined) return;
    let owner = this.#app;
    for (const part of path.slice(0, -1)) {
      owner[part] ??= {};
      owner = owner[part] as Record<string, unknown>;
    }
    owner[path.at(-1) as string] = value;
    this.#places.set(JSON.stringify(path), place);
  }

  /** Begins a function: `routes` are none unless it is given some. */
  addFunction(name: string, place: Place): void {
    this.set(['functions', name], { routes: [], ...this.function(name) }, place);
  }

  /** What a function has so far. */
  function(name: string): FunctionFile {
    const functions = this.#app.functions as Record<string, FunctionFile> | undefined;
    return functions?.[name] ?? {};
  }

  /** Adds to a list: a route, a trigger, a glob. The same entry is not added twice. */
  add(path: KeyPath, entry: unknown, place: Place): void {
    const list = this.#at(path) ?? [];
    const text = JSON.stringify(entry);
    if (list.some((known) => JSON.stringify(known) === text)) return;
    this.set(path, [...list, entry], this.#places.get(JSON.stringify(path)) ?? place);
    this.#places.set(JSON.stringify([...path, list.length]), place);
  }

  /** Environment variables of a function, or of the app. */
  env(name: string | null, variable: string, value: string | number | boolean, place: Place): void {
    const base = name === null ? [] : ['functions', name];
    this.set([...base, 'env', variable], value, place);
  }

  ignored(said: Said): void {
    this.#find('ignored', said);
  }

  later(said: Said): void {
    this.#find('later', said);
  }

  blocks(said: Said): void {
    this.#find('blocks', said);
  }

  /** A file that was read besides the project file, absolute. */
  readFrom(file: string): void {
    this.#files.add(file);
  }

  finish(): ForeignApp {
    return {
      app: this.#app as AppFile,
      placeOf: (path) => this.#placeOf(path),
      findings: this.#findings,
      files: [...this.#files],
    };
  }

  /** What holds for several functions, because of one place, is said once and of the whole app. */
  #find(severity: Severity, { place, what, means, suggestion, function: name }: Said): void {
    const finding = { severity, place, what, means, suggestion: suggestion ?? null, function: name ?? null };
    const same = (other: Finding) =>
      JSON.stringify({ ...other, function: null }) === JSON.stringify({ ...finding, function: null });
    const at = severity === 'blocks' ? -1 : this.#findings.findIndex(same);
    if (at < 0) this.#findings.push(finding);
    else if (this.#findings[at]?.function !== finding.function)
      this.#findings[at] = { ...finding, function: null };
  }

  #at(path: KeyPath): unknown[] | undefined {
    let value: unknown = this.#app;
    for (const part of path) value = (value as Record<string, unknown> | undefined)?.[part];
    return value as unknown[] | undefined;
  }

  /** The place of the nearest enclosing part that has one. */
  #placeOf(path: KeyPath): Place {
    for (let length = path.length; length > 0; length -= 1) {
      const place = this.#places.get(JSON.stringify(path.slice(0, length)));
      if (place !== undefined && place !== NOWHERE) return place;
    }
    return this.#top;
  }
}
