import { relative, resolve } from 'node:path';
import type { ConfigSource } from '../../config-source.ts';
import { problemsError } from '../../problem.ts';
import type { AppDraft } from '../app-draft.ts';
import { readTemplateDocument } from '../aws/template-document.ts';
import { readProjectText } from '../project-text.ts';
import { readServiceModule } from './typescript-source.ts';

/** What a function that a JavaScript file exports is called with. */
export interface VariableApi {
  readonly options: Readonly<Record<string, string | undefined>>;
  resolveVariable(text: string): Promise<unknown>;
  resolveConfigurationProperty(path: readonly string[]): Promise<unknown>;
}

export interface VariableFile extends ConfigSource {
  /** Calls a function that the file exports. */
  call(exported: (...args: unknown[]) => unknown): Promise<unknown>;
}

/** The files that `${file(…)}` names, each read once. */
export class VariableFiles {
  readonly #dir: string;
  readonly #draft: AppDraft;
  readonly #read = new Map<string, Promise<VariableFile | null>>();

  constructor(dir: string, draft: AppDraft) {
    this.#dir = dir;
    this.#draft = draft;
  }

  /**
   * A YAML, JSON or JavaScript file; any other is its text. Null: it is not there.
   * @throws MayflyError CONFIG_INVALID: it cannot be read
   */
  read(written: string, api: VariableApi): Promise<VariableFile | null> {
    const file = resolve(this.#dir, written);
    const known = this.#read.get(file) ?? this.#load(file, api);
    this.#read.set(file, known);
    return known;
  }

  async #load(file: string, api: VariableApi): Promise<VariableFile | null> {
    const text = await readProjectText(file);
    if (text === null) return null;
    this.#draft.readFrom(file);
    const call: VariableFile['call'] = async (exported) => exported(api);
    const name = relative(this.#dir, file);
    if (/\.[cm]?[jt]s$/.test(file)) {
      const module = await readServiceModule(file, this.#dir);
      if (module.problems.length > 0) throw problemsError('CONFIG_INVALID', module.problems);
      for (const part of module.parts) this.#draft.readFrom(part);
      const value =
        typeof module.value === 'function' ? await call(module.value as () => unknown) : module.value;
      return { ...module, value, call };
    }
    if (!/\.(ya?ml|json|tfstate)$/.test(file)) {
      const place = { file: name, line: null, column: null };
      return { file, value: text.trimEnd(), problems: [], placeOf: () => place, call };
    }
    const document = readTemplateDocument(file, name, text);
    if (document.problems.length > 0) throw problemsError('CONFIG_INVALID', document.problems);
    return { ...document, call };
  }
}
