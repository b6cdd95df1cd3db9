import { GUEST_FD, type SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import { logContextsTo } from './call-context.ts';
import { Channel } from './channel.ts';
import { useCompileCache } from './compile-cache.ts';
import { ConsoleCapture } from './console-capture.ts';
import { guardCrashes } from './crash-guard.ts';
import { type Handler, HandlerUnusable } from './dialect.ts';
import { dialects } from './dialects/index.ts';
import { watchLoopOf } from './empty-loop.ts';
import { becomeFunction, boundHeap } from './environment.ts';
import { endProcess, exitProcess, guardExits } from './exit-guard.ts';
import { describeThrown } from './failure.ts';
import { loadHandler } from './handler-loader.ts';
import { Instance } from './instance.ts';
import { LogCollector } from './log-collector.ts';
import { OwnCalls } from './own-calls.ts';
import { protectDescriptor } from './protected-descriptor.ts';
import { RUNTIME } from './runtime.ts';
import { shutDown } from './shutdown.ts';
import { mapStacksOf } from './stack-mapping.ts';
import { warm } from './warming.ts';
import { installWeb } from './web.ts';

/** Exit codes of the guest itself, besides 0 and the author's own. */
const CRASHED = 1;
const PROTOCOL_VIOLATED = 76;

const logs: LogCollector = new LogCollector(() => channel);
const channel = new Channel(GUEST_FD, {
  frame: (type, flags, stream, payload) => instance.frame(type, flags, stream, payload),
  takeLogs: () => logs.take(),
  closed: () => endProcess(0),
  violated: () => endProcess(PROTOCOL_VIOLATED),
});
const instance: Instance = new Instance(channel, {
  booted: { protocol: 1, runtime: RUNTIME, pid: process.pid },
  load,
  exit: shutDown,
});

const output = new ConsoleCapture(logs, () => instance.current.getStore()?.message.id ?? null);
output.install();
logContextsTo(output);
const ownCalls = new OwnCalls(() => instance.current.getStore());
ownCalls.listen();
watchLoopOf(channel);
protectDescriptor(GUEST_FD);
installWeb();
guardExits((how) => {
  instance.failAll({ code: 'FUNCTION_EXITED', name: 'ProcessExit', message: `The code called ${how}.` });
});
guardCrashes((thrown, origin) => {
  const told = describeThrown(thrown);
  const culprit = instance.current.getStore();
  if (instance.calls.size === 0)
    logs.add('error', culprit?.message.id ?? null, `${origin}: ${told.stack}`, null);
  instance.failAll({ code: 'FUNCTION_THREW', ...told }, culprit);
  // Not at once: listeners of the author's for the same error come after this one.
  setImmediate(() => exitProcess(CRASHED));
});

/** Turns this process into the function version that `message` describes. */
async function load(message: SpecialiseMessage): Promise<Handler> {
  mapStacksOf(message.codeDir);
  becomeFunction(message);
  ownCalls.become(message.own);
  const dialect = Object.hasOwn(dialects, message.dialect) ? dialects[message.dialect]! : null;
  if (dialect === null)
    throw new HandlerUnusable(`This runtime does not speak the dialect "${message.dialect}".`);
  dialect.prepare?.(message);
  const newCompileCache = useCompileCache(message);
  const { exported, sibling } = await loadHandler(message);
  const handler = await dialect.bind(exported, message, sibling);
  // Before any call comes: what it was sent could make its mark in a cache that later instances trust.
  for (const frame of newCompileCache()) channel.send(frame);
  boundHeap(message.memoryMb);
  return handler;
}

/** Settles when all that a first call needs is compiled. */
export const warmed: Promise<void> = (async () => {
  await warm(() => instance.state === 'booting', load);
  instance.boot();
})();
