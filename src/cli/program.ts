import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { registerBuild } from './commands/build.ts';
import { registerCanary } from './commands/canary.ts';
import { registerCheck } from './commands/check.ts';
import { registerCi } from './commands/ci.ts';
import { registerCredentials } from './commands/credentials.ts';
import { registerDeploy } from './commands/deploy.ts';
import { registerDescribe } from './commands/describe.ts';
import { registerDev } from './commands/dev.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEnv } from './commands/env.ts';
import { registerEnvironments } from './commands/environments.ts';
import { registerGit } from './commands/git.ts';
import { registerHook } from './commands/hook.ts';
import { registerImport } from './commands/import.ts';
import { registerInit } from './commands/init.ts';
import { registerInvoke } from './commands/invoke.ts';
import { registerList } from './commands/list.ts';
import { registerLogs } from './commands/logs.ts';
import { registerNotify } from './commands/notify.ts';
import { registerPreview } from './commands/preview.ts';
import { registerPromote } from './commands/promote.ts';
import { registerQuickstart } from './commands/quickstart.ts';
import { registerReleases } from './commands/releases.ts';
import { registerRemove } from './commands/remove.ts';
import { registerRollback } from './commands/rollback.ts';
import { registerRuntime } from './commands/runtime.ts';
import { registerSecret } from './commands/secret.ts';
import { registerStatus } from './commands/status.ts';
import { registerToken } from './commands/token.ts';
import { registerUp } from './commands/up.ts';
import { registerUsage } from './commands/usage.ts';
import { packageRoot } from './package-root.ts';
import type { Shell } from './shell.ts';

/** In the order of `mayfly help`. */
const COMMANDS = [
  registerInit,
  registerDev,
  registerUp,
  registerCheck,
  registerImport,
  registerDeploy,
  registerBuild,
  registerGit,
  registerHook,
  registerCi,
  registerNotify,
  registerInvoke,
  registerLogs,
  registerList,
  registerDescribe,
  registerReleases,
  registerPromote,
  registerRollback,
  registerCanary,
  registerEnvironments,
  registerPreview,
  registerRemove,
  registerEnv,
  registerSecret,
  registerUsage,
  registerStatus,
  registerDoctor,
  registerToken,
  registerRuntime,
  registerCredentials,
  registerQuickstart,
] as const;

/** Every command with its flags. Parsing throws a CommanderError instead of ending the process, and prints no error. */
export function createProgram(shell: Shell): Command {
  const program = new Command('mayfly')
    .description('The serverless platform you own.')
    .version(version(), '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void shell.stdout.write(text),
      // Help that nobody asked for still comes by here; errors are printed by whoever catches them.
      writeErr: (text) => void shell.stderr.write(text),
      outputError: () => {},
    });
  for (const register of COMMANDS) register(program, shell);
  return program;
}

function version(): string {
  const file = path.join(packageRoot(), 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
