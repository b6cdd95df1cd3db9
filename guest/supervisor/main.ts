import { dirname } from 'node:path';
import { GUEST_FD, type SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import { Channel } from '../node/channel.ts';
import { HandlerUnusable } from '../node/dialect.ts';
import { becomeFunction } from '../node/environment.ts';
import { describeThrown } from '../node/failure.ts';
import { Instance } from '../node/instance.ts';
import { LogCollector } from '../node/log-collector.ts';
import { type FunctionHost, ProgramEnded, type SupervisedFunction } from './function-host.ts';
import { HttpServerFunction } from './http/http-server-function.ts';
import { asImageSays } from './image.ts';
import { CustomRuntime } from './lambda/custom-runtime.ts';
import { RuntimeApi } from './lambda/runtime-api.ts';
import { Network } from './network.ts';
import { sayEnd } from './program.ts';
import { ProgramCpu } from './program-cpu.ts';
import { rehearse } from './rehearsal.ts';

/** Exit codes of the supervisor. As shells do, a program's death by signal N is told as 128 + N. */
const FAILED = 1;
const PROTOCOL_VIOLATED = 76;
const KILLED = 128 + 9;

const logs: LogCollector = new LogCollector(() => channel);
const channel = new Channel(GUEST_FD, {
  frame: (type, flags, stream, payload) => instance.frame(type, flags, stream, payload),
  takeLogs: () => logs.take(),
  closed: () => process.exit(0),
  violated: () => process.exit(PROTOCOL_VIOLATED),
});
const cpu = new ProgramCpu();
const instance: Instance = new Instance(channel, {
  booted: { protocol: 1, runtime: 'supervisor', pid: process.pid },
  load,
  exit: () => process.exit(0),
  cpuUsage: cpu.usage,
});

const network = new Network();
const api = new RuntimeApi(network);
const address = api.listen();
let running: SupervisedFunction | null = null;
const failure = Promise.withResolvers<never>();
failure.promise.catch((thrown: unknown) => void end(thrown));

const host: FunctionHost = {
  line: (level, requestId, text) => logs.add(level, requestId, text, null),
  watch: (program) => {
    cpu.watch(program.pid);
    void program.ended.then((ended) => {
      if (instance.state === 'gone') return;
      // Perhaps the kernel did it, for want of memory: the platform finds out.
      if (ended.signal === 'SIGKILL') return void leave(KILLED);
      const when = instance.state === 'loading' ? ' before it was ready' : '';
      failure.reject(new ProgramEnded(`The program ended with ${sayEnd(ended)}${when}.${program.lastWords}`));
    });
  },
  failed: failure.reject,
};

/** Starts the author's program and waits until it takes calls. */
async function load(given: SpecialiseMessage): Promise<SupervisedFunction> {
  const message = asImageSays(given);
  await rehearsed;
  becomeFunction(message);
  // For programs written for Node: the one that runs this. An image brings what it needs.
  if (message === given) process.env.PATH = `${process.env.PATH}:${dirname(process.execPath)}`;
  running = await Promise.race([start(message), failure.promise]);
  return running;
}

async function start(message: SpecialiseMessage): Promise<SupervisedFunction> {
  if (message.dialect === 'lambda') return CustomRuntime.start(message, api, await address, host);
  if (message.dialect === 'http') return HttpServerFunction.start(message, network, host);
  throw new HandlerUnusable(
    `A program does not speak the dialect "${message.dialect}": lambda and http are possible.`,
  );
}

/** The function cannot go on. While it loads, `load` has failed, and the platform ends the instance. */
async function end(thrown: unknown): Promise<void> {
  if (instance.state !== 'ready' && instance.state !== 'draining') return;
  const told = describeThrown(thrown);
  if (instance.calls.size === 0) logs.add('error', null, `${told.name}: ${told.message}`, null);
  await leave(FAILED, () => instance.failAll({ code: 'FUNCTION_EXITED', ...told, stack: '' }));
}

/** Ends the process, when what was answered has been told. */
async function leave(code: number, lastWords: () => void = () => channel.flushBeforeEnd()): Promise<void> {
  running?.abandon();
  await new Promise((resolve) => void setImmediate(resolve));
  lastWords();
  process.exit(code);
}

const rehearsed = rehearsal();

/** While it is prewarmed; a function that comes before its end waits for the step under way. */
async function rehearsal(): Promise<void> {
  await rehearse(api, await address, () => instance.state === 'booting').catch(() => undefined);
  instance.boot();
}
