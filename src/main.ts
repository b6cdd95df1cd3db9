import { runCommandLine } from './cli/run.ts';
import { interruptSignal } from './cli/signals.ts';
import { SETTINGS } from './config.ts';

// bin/mayfly of an older Node.js holds the other end of this channel. When it is killed without a chance to pass the
// signal on, the program that the user sees as one must be gone as well.
if (process.env.MAYFLY_LAUNCHER !== undefined && process.channel != null) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
delete process.env.MAYFLY_LAUNCHER;

for (const stream of [process.stdout, process.stderr]) {
  // The reader has enough (`mayfly logs | head`): that is no failure of ours, and there is nobody left to tell.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

const exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruptSignal(),
  host: {
    mainFile: import.meta.filename,
    settings: SETTINGS,
    // Loaded when needed: most commands only speak to a node.
    startNode: async (flags) => {
      const [{ loadConfig }, { startNode }] = await Promise.all([
        import('./config.ts'),
        import('./compose.ts'),
      ]);
      return startNode(loadConfig(flags, process.env));
    },
    examineMachine: async () => {
      const [{ doctorFacts }, { pythonFact }] = await Promise.all([
        import('./adapters/sandboxes/doctor.ts'),
        import('./cli/python-fact.ts'),
      ]);
      const [facts, python] = await Promise.all([doctorFacts(), pythonFact(process.env.MAYFLY_PYTHON)]);
      return [...facts, python];
    },
  },
});
// What waits in a pipe is written before the process ends; open sockets and watchers do not hold it.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
);
process.exit(exitCode);
