import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from '../adapters/data-folder/data-folder.ts';
import type { RuntimeProgram, RuntimeSource } from '../adapters/sandboxes/sandbox-options.ts';
import type { PythonProgram } from '../build/python/python-program.ts';
import { MayflyError, toMayflyError } from '../domain/errors.ts';
import type { RuntimeStore } from '../ports/runtime-store.ts';

const NAME = 'python3';
const ABSENT =
  'This node has no Python 3.9 or later: install python3 on it, or name one with --python (MAYFLY_PYTHON).';

/** The machine's Python as a runtime. Looked for once the node serves, and until then when something asks for it. */
export class PythonRuntime {
  readonly #named: string;
  readonly #data: DataFolder;
  readonly #home: string;
  #python: PythonProgram | null = null;
  #program: Promise<RuntimeProgram | null> | null = null;

  /**
   * @param named the Python to use, a path or a program on PATH
   * @param home the folder of the running program, `src/` or `dist/`
   */
  constructor(named: string, data: DataFolder, home: string) {
    this.#named = named;
    this.#data = data;
    this.#home = home;
  }

  /** What was found so far. */
  get python(): PythonProgram | null {
    return this.#python;
  }

  /** Null: there is none now; one that is installed later is found then. @throws MayflyError CONFIG_INVALID: the named one is of no use */
  async look(): Promise<PythonProgram | null> {
    const { findPython } = await import('../build/python/python-program.ts');
    this.#python ??= await findPython(this.#named);
    return this.#python;
  }

  /** What guests are started with; null: there is no Python. @throws MayflyError SANDBOX_FAILED, CONFIG_INVALID */
  async find(): Promise<RuntimeProgram | null> {
    this.#program ??= this.#make();
    const made = this.#program;
    const forget = (): void => {
      if (this.#program === made) this.#program = null;
    };
    try {
      const program = await made;
      if (program === null) forget();
      return program;
    } catch (thrown) {
      forget();
      if (thrown instanceof MayflyError) throw thrown;
      throw new MayflyError('SANDBOX_FAILED', `The guest for Python cannot be made: ${thrown}`, {
        cause: thrown,
      });
    }
  }

  async #make(): Promise<RuntimeProgram | null> {
    const python = await this.look();
    if (python === null) return null;
    const { layOutPythonGuest } = await import('../build/python/python-guest.ts');
    const guest = await layOutPythonGuest(guestSources(this.#home), this.#data.folder('guest'), python);
    return {
      executable: python.executable,
      // Isolated from variables and from the current folder; the guest's own bytecode is there already.
      arguments: ['-I', '-B'],
      ...guest,
      system: true,
      folders: python.prefixes.filter((path) => path !== '/usr' && !path.startsWith('/usr/')),
    };
  }
}

/** `guest/python` in the package's `dist/`, or in a checkout. */
function guestSources(home: string): string {
  const shipped = join(home, 'guest', 'python');
  return existsSync(shipped) ? shipped : join(home, '..', 'guest', 'python');
}

/** The source of runtimes, with this one. */
export function withPythonSource(others: RuntimeSource, python: PythonRuntime): RuntimeSource {
  return { find: async (name) => (name === NAME ? python.find() : others.find(name)) };
}

/** The node's runtimes with Python among them, which the machine's own tools add and remove. */
export function withPython(others: RuntimeStore, python: PythonRuntime): RuntimeStore {
  const record = () => ({
    name: NAME,
    version: python.python?.version ?? null,
    bytes: 0,
    from: python.python === null ? null : ('machine' as const),
    integrity: null,
    addedAt: null,
  });
  const ensure = async (): Promise<void> => {
    const found = await python.look().catch((thrown) => {
      throw new MayflyError('RUNTIME_UNAVAILABLE', toMayflyError(thrown).message, { cause: thrown });
    });
    if (found === null) throw new MayflyError('RUNTIME_UNAVAILABLE', ABSENT);
  };
  const refuse = (): never => {
    throw new MayflyError(
      'CONFLICT',
      "Python is the machine's own: add and remove it by the machine's means.",
    );
  };
  return {
    list: () => [...others.list(), record()],
    isMissing: (name) => (name === NAME ? python.python === null : others.isMissing(name)),
    ensure: (name) => (name === NAME ? ensure() : others.ensure(name)),
    add: async (name) => (name === NAME ? refuse() : others.add(name)),
    addPackage: async (name, content) => (name === NAME ? refuse() : others.addPackage(name, content)),
    remove: async (name) => (name === NAME ? refuse() : others.remove(name)),
  };
}
