import type { SandboxExit } from './sandbox.ts';

/** A program to run in a workspace, with nothing of the platform's environment. */
export interface WorkspaceCommand {
  /** Program and arguments; `node` and `npm` are found, beside what the machine has. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Told what it prints, both streams, as it comes. */
  readonly onOutput: (text: string) => void;
  /** It is killed then, with all that it started. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How a program in a workspace ended. `timeout`: it was killed for taking too long. */
export interface WorkspaceExit extends Omit<SandboxExit, 'reason'> {
  readonly reason: SandboxExit['reason'] | 'timeout';
}

/** Folders and a user of its own for one build. */
export interface Workspace {
  /** Where the source belongs, on the host: an empty folder of the name that `open` was given. */
  readonly source: string;
  /** Paths as programs in the workspace know them. */
  readonly inside: { readonly source: string; readonly result: string };
  /** Runs a program in the source folder. After the first one, the host writes nothing there any more. */
  run(command: WorkspaceCommand): Promise<WorkspaceExit>;
  /** The file that programs left at `inside.result`. @throws MayflyError BUILD_FAILED when it is not there, or no plain file */
  readResult(): Promise<AsyncIterable<Uint8Array>>;
  /** Ends what still runs and removes the folders. Idempotent. */
  close(): Promise<void>;
}

/** Where authors' build steps run: isolated as functions are, but with a writable folder and the machine's programs. */
export interface BuildWorkspaces {
  /** @throws MayflyError SANDBOX_FAILED, STORAGE_FULL */
  open(name: string): Promise<Workspace>;
  /** Closes every workspace. */
  close(): Promise<void>;
}
