import { DEFAULT_RUNTIME, RUNTIMES } from '../../../contract/runtimes.ts';

/** What runs here what a Lambda runtime runs there. */
export interface AwsRuntime {
  /** null: nothing does. */
  readonly runtime: string | null;
  readonly dialect: 'lambda' | null;
  /** What the author should know; null: nothing. */
  readonly means: string | null;
  readonly suggestion?: string;
}

/** Reads an identifier of a Lambda runtime: `nodejs20.x`, `python3.12`, `provided.al2023`. */
export function readAwsRuntime(written: string): AwsRuntime {
  const node = /^nodejs(\d+)\.x$/.exec(written)?.[1];
  if (node !== undefined) {
    const own = `nodejs${node}`;
    if (Object.hasOwn(RUNTIMES, own)) return { runtime: own, dialect: 'lambda', means: null };
    const means = `it runs on ${DEFAULT_RUNTIME}; newer versions of Node.js run what was written for older ones`;
    return { runtime: DEFAULT_RUNTIME, dialect: 'lambda', means };
  }
  if (/^python3\.\d+$/.test(written)) {
    const means = "it runs on the machine's own Python 3, whose minor version may differ";
    return { runtime: 'python3', dialect: 'lambda', means };
  }
  if (/^provided(\.al\w+)?$/.test(written)) return { runtime: 'provided', dialect: null, means: null };

  const means = `Mayfly has no runtime "${written}"`;
  const suggestion = /^(go1|dotnet|java|ruby)/.test(written)
    ? 'build it as an executable "bootstrap" with its language\'s Lambda runtime client and say "provided.al2023", or as an image'
    : `use ${DEFAULT_RUNTIME.replace(/$/, '.x')}, python3.x or provided.al2023`;
  return { runtime: null, dialect: null, means, suggestion };
}
