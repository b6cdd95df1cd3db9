import type { ConfigSource } from '../config-source.ts';
import { type Place, problemsError } from '../problem.ts';
import { type KeyPath, sayPath } from '../schema-mismatch.ts';
import type { AppDraft } from './app-draft.ts';
import type { Severity } from './foreign-project.ts';

/** What must be said of a key that is not taken over as it stands; `means` is a sentence without its period. */
export interface Note {
  readonly severity: Severity;
  readonly means: string;
  readonly suggestion?: string;
}

interface DocumentContext {
  subject: string | null;
}

/**
 * A mapping of another tool's file in which every key is accounted for: somebody reads it, or says what it means that nobody
 * does, or `close` tells that it is unknown. So nothing that an author wrote is dropped in silence.
 */
export class Section {
  readonly path: KeyPath;
  readonly #source: ConfigSource;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #draft: AppDraft;
  readonly #document: DocumentContext;
  readonly #seen = new Set<string>();
  /** Sections taken from here by their places: the same one again when it is asked for again. */
  readonly #inner = new Map<string, Section>();
  /** The function of the app that this is about; null: the whole app. Sections opened later take it over. */
  owner: string | null = null;

  private constructor(
    source: ConfigSource,
    path: KeyPath,
    value: Readonly<Record<string, unknown>>,
    draft: AppDraft,
    document: DocumentContext,
  ) {
    this.path = path;
    this.#document = document;
    this.#source = source;
    this.#value = value;
    this.#draft = draft;
  }

  /**
   * The whole file; a file that holds no mapping is an empty one, and told.
   * @throws MayflyError CONFIG_INVALID: it could not be parsed
   */
  static of(source: ConfigSource, draft: AppDraft): Section {
    const { value, problems } = source;
    if (problems.length > 0) throw problemsError('CONFIG_INVALID', problems);
    const section = new Section(source, [], isMapping(value) ? value : {}, draft, { subject: null });
    if (!isMapping(value)) section.tellAt([], { severity: 'blocks', means: 'it holds no mapping' });
    return section;
  }

  /** What the whole document is about, when a file has several: it is said in front of its keys. */
  nameDocument(subject: string): void {
    this.#document.subject = subject;
  }

  get keys(): string[] {
    return Object.keys(this.#value);
  }

  /** Whether the key says anything. */
  has(key: string): boolean {
    return Object.hasOwn(this.#value, key) && this.#value[key] !== null && this.#value[key] !== undefined;
  }

  /** The value as it stands; undefined: nothing is written. */
  value(key: string): unknown {
    this.#seen.add(key);
    return this.has(key) ? this.#value[key] : undefined;
  }

  /** A text; a number, true or false is taken as one. */
  text(key: string): string | undefined {
    const value = this.value(key);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return this.#wrong(key, 'a text');
  }

  /** A number, also when it is written as text. */
  number(key: string): number | undefined {
    const value = this.value(key);
    if (value === undefined || typeof value === 'number') return value;
    if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
      return Number(value);
    return this.#wrong(key, 'a number');
  }

  /** True or false, also as YAML 1.1 and people write it. */
  flag(key: string): boolean | undefined {
    const value = this.value(key);
    if (value === undefined || typeof value === 'boolean') return value;
    const text = typeof value === 'string' ? value.toLowerCase() : '';
    if (['true', 'yes', 'on'].includes(text)) return true;
    if (['false', 'no', 'off'].includes(text)) return false;
    return this.#wrong(key, 'true or false');
  }

  /** A list of texts; one text alone is a list of one. */
  texts(key: string): string[] {
    const value = this.value(key);
    if (value === undefined) return [];
    const list: unknown[] = Array.isArray(value) ? value : [value];
    if (list.every((item) => typeof item === 'string' || typeof item === 'number')) return list.map(String);
    return this.#wrong(key, 'a list of texts') ?? [];
  }

  section(key: string): Section | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    return isMapping(value) ? this.#open([...this.path, key], value) : this.#wrong(key, 'a mapping');
  }

  /** A list of mappings. */
  sections(key: string): Section[] {
    const value = this.value(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) return this.#wrong(key, 'a list') ?? [];
    return value.flatMap((item: unknown, index) => {
      const path = [...this.path, key, index];
      if (isMapping(item)) return [this.#open(path, item)];
      this.tellAt(path, { severity: 'blocks', means: 'it must be a mapping' });
      return [];
    });
  }

  /** Every key as the name of a mapping; one that says nothing is an empty mapping. */
  members(): [name: string, Section][] {
    return this.keys.flatMap((name): [string, Section][] => {
      if (!this.has(name)) {
        this.#seen.add(name);
        return [[name, this.#open([...this.path, name], {})]];
      }
      const section = this.section(name);
      return section === undefined ? [] : [[name, section]];
    });
  }

  /** Every key with its value as text: environment variables, labels. */
  pairs(): Record<string, string> {
    return Object.fromEntries(this.keys.map((key) => [key, this.text(key) ?? '']));
  }

  place(key?: string, at: 'key' | 'value' = 'key'): Place {
    return this.#source.placeOf(key === undefined ? this.path : [...this.path, key], at);
  }

  /** Says something about a key that was read. */
  tell(key: string, note: Note): void {
    this.tellAt([...this.path, key], note);
  }

  tellAt(path: KeyPath, { severity, ...note }: Note): void {
    const place = this.#source.placeOf(path, 'key');
    const { subject } = this.#document;
    const key = path.length === 0 ? null : sayPath(path);
    const what = [subject, key].filter((part) => part !== null).join(' ') || 'the file';
    this.#draft[severity]({ place, what, ...note, ...(this.owner === null ? {} : { function: this.owner }) });
  }

  /**
   * Says of those of these keys that stand here and that nobody has read what it means that nothing is made of them. A key
   * that asks for nothing (false, or empty) needs no words.
   */
  leave(severity: Note['severity'], means: Readonly<Record<string, string>>): void {
    for (const [key, sentence] of Object.entries(means)) {
      if (this.#seen.has(key)) continue;
      const value = this.value(key);
      if (value !== undefined && !asksNothing(value)) this.tell(key, { severity, means: sentence });
    }
  }

  /** Says the same of every key that nobody has read yet. */
  leaveRest(severity: Note['severity'], means: string): void {
    this.leave(severity, Object.fromEntries(this.keys.map((key) => [key, means])));
  }

  /** Keys that mean nothing for running the code: names, descriptions, places in the vendor's account. */
  pass(...keys: readonly string[]): void {
    for (const key of keys) this.#seen.add(key);
  }

  /** Tells every key, here and in all sections taken from here, that nobody asked for. */
  close(): void {
    for (const key of this.keys) {
      if (this.#seen.has(key) || !this.has(key)) continue;
      this.tell(key, {
        severity: 'ignored',
        means: 'Mayfly does not know this key, and makes nothing of it',
      });
    }
    for (const section of this.#inner.values()) section.close();
  }

  #open(path: KeyPath, value: Readonly<Record<string, unknown>>): Section {
    const key = path.slice(this.path.length).join('/');
    const section =
      this.#inner.get(key) ?? new Section(this.#source, path, value, this.#draft, this.#document);
    section.owner ??= this.owner;
    this.#inner.set(key, section);
    return section;
  }

  #wrong(key: string, title: string): undefined {
    this.tell(key, { severity: 'blocks', means: `it must be ${title}` });
    return undefined;
  }
}

function asksNothing(value: unknown): boolean {
  if (value === false || value === '') return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
