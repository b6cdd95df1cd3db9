import { format } from 'node:util';
import { type ContextLog, contextLog } from '../../call-context.ts';

type Log = (...parts: unknown[]) => void;

/** `context.log`, in the manner of pino: `info('text %s', x)`, `info({ field }, 'text')`, `child({ field })`. */
export interface PinoLog {
  readonly level: string;
  readonly trace: Log;
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
  readonly fatal: Log;
  readonly silent: Log;
  child(bindings: Record<string, unknown>): PinoLog;
}

export function pinoLog(bindings: Record<string, unknown> | null = null): PinoLog {
  const log = contextLog();
  const at = (level: keyof ContextLog): Log => {
    return (...parts) => write(log[level], bindings, parts);
  };
  const [debug, error] = [at('debug'), at('error')];
  return {
    level: 'trace',
    trace: debug,
    debug,
    info: at('info'),
    warn: at('warn'),
    error,
    fatal: error,
    silent: () => undefined,
    child: (more) => pinoLog({ ...bindings, ...more }),
  };
}

function write(log: ContextLog['info'], bindings: Record<string, unknown> | null, parts: unknown[]): void {
  const [first, ...rest] = parts;
  const isFields = typeof first === 'object' && first !== null && !(first instanceof Error);
  const fields = isFields ? { ...bindings, ...(first as Record<string, unknown>) } : bindings;
  const words = isFields ? rest : parts;
  if (fields === null) log(words.length === 1 && first instanceof Error ? first : format(...words));
  else log(words.length === 0 ? String(fields.msg ?? '') : format(...words), fields);
}
