import { DEFAULT_RUNTIME } from '../../contract/runtimes.ts';
import type { Note } from './section.ts';

/** What runs a function that names another vendor's runtime, and what must be said about the difference. */
export interface RuntimeChoice {
  /** null: nothing here can. */
  readonly runtime: string | null;
  readonly language: 'javascript' | 'python' | null;
  readonly note: Note | null;
}

/** Majors of Node.js that have a runtime of their own. */
const NODE_MAJORS: readonly string[] = ['22', '24', '26'];

const PYTHON = /^python|^py\d/i;
const NODE = /^(node|nodejs|javascript|js|typescript|ts)(?![a-z])/i;

/**
 * Reads names such as `nodejs18.x`, `nodejs:20`, `Nodejs16.13`, `node20`, `python:3.11`, `go1`. A version of Node.js that is
 * not there runs on the default one: newer ones run older code, and it needs no download. Python is the machine's.
 */
export function chooseRuntime(written: string): RuntimeChoice {
  const version = /\d+(\.\d+)*/.exec(written)?.[0] ?? null;
  if (NODE.test(written)) return chooseNode(written, version?.split('.')[0] ?? null);
  if (PYTHON.test(written)) return choosePython(written, version);
  const suggestion =
    'compile it to an executable "bootstrap" that speaks the Lambda Runtime API and write "runtime: provided"; or a web server: "runtime: http"; or an image: "runtime: container"';
  const means = `Mayfly neither builds nor loads "${written}"`;
  return { runtime: null, language: null, note: { severity: 'blocks', means, suggestion } };
}

function chooseNode(written: string, major: string | null): RuntimeChoice {
  const language = 'javascript';
  if (major === null || major === '1') return { runtime: DEFAULT_RUNTIME, language, note: null };
  if (NODE_MAJORS.includes(major)) return { runtime: `nodejs${major}`, language, note: null };
  const means = `there is no ${written} here; it runs on ${DEFAULT_RUNTIME}`;
  return { runtime: DEFAULT_RUNTIME, language, note: { severity: 'ignored', means } };
}

function choosePython(written: string, version: string | null): RuntimeChoice {
  const language = 'python';
  if (version?.startsWith('2')) {
    const means = 'Python 2 has no runtime; there is only Python 3';
    return {
      runtime: null,
      language,
      note: { severity: 'blocks', means, suggestion: 'port it to Python 3' },
    };
  }
  if (version === null || version === '3') return { runtime: 'python3', language, note: null };
  const means = `"${written}" runs on the Python 3 of the machine, whatever its minor version`;
  return { runtime: 'python3', language, note: { severity: 'ignored', means } };
}
