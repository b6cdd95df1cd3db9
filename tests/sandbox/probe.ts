import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SandboxOptions } from '../../src/adapters/sandboxes/sandbox-options.ts';
import type { Probe } from '../../src/ports/sandbox.conformance.ts';
import type { CodeTree, Sandbox } from '../../src/ports/sandbox.ts';

export const RUNTIME = 'nodejs24';

/** Driver options for the guest that runs what it is told (`probe-guest.cjs`). */
export function probeOptions(folder: string, limits: SandboxOptions['limits'] = {}): SandboxOptions {
  const guestFile = join(import.meta.dirname, 'probe-guest.cjs');
  const program = { executable: process.execPath, arguments: [], guestFile, guestParts: [] };
  return {
    runDir: `${folder}/run`,
    runtimes: { find: async (name) => (name === RUNTIME ? program : null) },
    limits,
  };
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
  readonly code?: string;
}

/** Speaks the probe guest's lines: one JSON object each way. A guest that ends rejects what waits for it. */
export function attachProbe(sandbox: Sandbox): Probe {
  const waiting = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  const expect = (id: number) =>
    new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
    });
  const booted = expect(0).then(unwrap<void>);
  booted.catch(() => {});
  createInterface({ input: sandbox.channel }).on('line', (line) => {
    const answer: Answer = JSON.parse(line);
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  void sandbox.exited.then((exit) => {
    for (const [id, resolve] of waiting) resolve({ id, error: `The guest ended: ${JSON.stringify(exit)}` });
  });
  return {
    booted,
    run<T>(body: string, argument: unknown = null): Promise<T> {
      asked += 1;
      sandbox.channel.write(`${JSON.stringify({ id: asked, body, argument })}\n`);
      return expect(asked).then(unwrap<T>);
    },
  };
}

function unwrap<T>(answer: Answer): T {
  if (answer.error === undefined) return answer.value as T;
  throw Object.assign(new Error(answer.error), { code: answer.code });
}

let trees = 0;

export async function writeTree(folder: string, files: Readonly<Record<string, string>>): Promise<CodeTree> {
  trees += 1;
  const path = `${folder}/trees/t${trees}`;
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(`${path}/${name}`), { recursive: true });
    writeFileSync(`${path}/${name}`, content);
  }
  return { artifact: `t${trees}`, path, codeBytes: 0, compileCache: null };
}
