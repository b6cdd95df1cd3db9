import { existsSync, readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { ACCOUNT_ID, traceHeader } from '../../node/dialects/lambda/environment.ts';
import { ERROR_BYTES_MAX, EXTENSIONS_MAX, REQUEST_BYTES_MAX } from '../limits.ts';
import { Program, sayEnd } from '../program.ts';
import { ApiError, accept, answerJson } from './api-error.ts';
import { Extension, type ExtensionEvent } from './extension.ts';
import type { Invocation } from './invocation.ts';
import type { Companions } from './invocations.ts';
import { ReportedError } from './reported-error.ts';
import { header, readAll } from './request-bytes.ts';
import type { Telemetry } from './telemetry.ts';

/** An extension ended, or said that it cannot go on: so does the instance. */
class ExtensionFailed extends Error {
  override readonly name = 'Extension.Crash';
}

export interface ExtensionsHost {
  /** An extension has failed, and with it the instance. */
  failed(error: Error): void;
  line(level: 'info' | 'error', text: string): void;
  readonly telemetry: Telemetry;
  readonly arn: () => string;
}

const IDENTIFIER = 'lambda-extension-identifier';
const ERROR_TYPE = 'lambda-extension-function-error-type';

/** AWS's Extensions API: programs beside the runtime that are told of calls and of the end. */
export class Extensions implements Companions {
  readonly #host: ExtensionsHost;
  readonly #all: Extension[] = [];
  readonly #programs: Program[] = [];
  /** Registrations end with the init phase. */
  #open = true;
  #ending = false;
  #changed = Promise.withResolvers<void>();

  constructor(host: ExtensionsHost) {
    this.#host = host;
  }

  get programs(): readonly Program[] {
    return this.#programs;
  }

  /** Starts the executables of a folder, and waits until each has registered. @throws ProgramUnstartable */
  async launch(folder: string, codeDir: string, variables: NodeJS.ProcessEnv): Promise<void> {
    // Not in the thread pool: most functions have none, and its answer would come milliseconds later.
    const found = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
    for (const { name } of found.filter((entry) => entry.isFile()).sort(byName)) {
      const command = join(folder, name);
      this.#all.push(this.#newExtension(name, true));
      const line = (level: 'info' | 'error', text: string): void => {
        this.#host.telemetry.line('extension', text);
        this.#host.line(level, text);
      };
      const program = await Program.start({ command, parameters: [], folder: codeDir, variables }, line);
      this.#programs.push(program);
      void program.ended.then((end) => {
        if (this.#ending) return;
        const text = `The extension ${name} ended with ${sayEnd(end)}.${program.lastWords}`;
        this.#host.failed(new ExtensionFailed(text));
      });
    }
    await this.#until(() => this.#all.every(({ state }) => state !== 'launched'));
  }

  /** The init phase is over when all have asked for an event. */
  async ready(): Promise<void> {
    await this.#until(() => this.#all.every(({ state }) => state === 'ready' || state === 'failed'));
    this.#open = false;
    for (const { name, events } of this.#all)
      this.#host.telemetry.platform('extension', { name, state: 'Ready', events });
  }

  async register(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const name = header(req, 'lambda-extension-name');
    if (name === null)
      throw new ApiError(403, 'Extension.InvalidExtensionName', 'The header Lambda-Extension-Name is empty.');
    const events = readEvents(await readAll(req, REQUEST_BYTES_MAX));
    const known = this.#all.find((extension) => extension.name === name);
    if (known !== undefined) known.register(events);
    const extension = known ?? this.#addInternal(name, events);
    res.setHeader(IDENTIFIER, extension.id);
    const { env } = process;
    const accountId = req.headers['lambda-extension-accept-feature']?.includes('accountId') === true;
    answerJson(res, 200, {
      functionName: env.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
      handler: env._HANDLER,
      ...(accountId ? { accountId: ACCOUNT_ID } : {}),
    });
  }

  /** The extension that a request names. @throws ApiError */
  find(req: IncomingMessage): Extension {
    const id = header(req, IDENTIFIER);
    if (id === null)
      throw new ApiError(
        403,
        'Extension.MissingExtensionIdentifier',
        `Missing Lambda-Extension-Identifier header.`,
      );
    const found = this.#all.find((extension) => extension.id === id);
    if (found === undefined)
      throw new ApiError(403, 'Extension.UnknownExtensionIdentifier', `Unknown extension ${id}.`);
    return found;
  }

  /** `init/error` and `exit/error`: it cannot go on. */
  async report(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const extension = this.find(req);
    const type = header(req, ERROR_TYPE);
    if (type === null)
      throw new ApiError(403, 'Extension.MissingHeader', 'Lambda-Extension-Function-Error-Type not found.');
    const body = await readAll(req, ERROR_BYTES_MAX);
    extension.fail();
    accept(res);
    const { message } = new ReportedError(type, body);
    this.#host.failed(new ExtensionFailed(`The extension ${extension.name} failed (${type}): ${message}`));
  }

  invoked({ id, call }: Invocation): void {
    const value = traceHeader(call.message.traceparent) ?? '';
    this.#tell('INVOKE', {
      deadlineMs: call.message.deadline,
      requestId: id,
      invokedFunctionArn: this.#host.arn(),
      tracing: { type: 'X-Amzn-Trace-Id', value },
    });
    this.#host.telemetry.started(id);
  }

  settled(invocation: Invocation): void {
    this.#host.telemetry.done(invocation);
  }

  back(): Promise<void> {
    return this.#until(() =>
      this.#all.every(({ state, events }) => state !== 'busy' || !events.includes('INVOKE')),
    );
  }

  /** Tells those that want to know, and ends each that has not ended by itself within `ms`. */
  async shutDown(ms: number): Promise<void> {
    this.#ending = true;
    this.#tell('SHUTDOWN', { shutdownReason: 'spindown', deadlineMs: Date.now() + ms });
    const graces = this.#programs.map(async (program) => {
      const late = setTimeout(() => program.signal('SIGKILL'), ms);
      await program.ended;
      clearTimeout(late);
    });
    await Promise.all(graces);
  }

  #tell(kind: ExtensionEvent, event: object): void {
    for (const extension of this.#all) extension.tell(kind, event);
  }

  #addInternal(name: string, events: readonly ExtensionEvent[]): Extension {
    if (!this.#open)
      throw new ApiError(403, 'Extension.RegistrationClosed', 'Extension registration closed already.');
    if (this.#all.length >= EXTENSIONS_MAX)
      throw new ApiError(403, 'Extension.TooManyExtensions', `Extension limit (${EXTENSIONS_MAX}) reached.`);
    if (events.includes('SHUTDOWN'))
      throw new ApiError(403, 'Extension.InvalidEventType', 'SHUTDOWN: not for internal extensions.');
    const extension = this.#newExtension(name, false);
    extension.register(events);
    this.#all.push(extension);
    return extension;
  }

  #newExtension(name: string, external: boolean): Extension {
    return new Extension(name, external, () => {
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    });
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }
}

function readEvents(body: Buffer): ExtensionEvent[] {
  let asked: { events?: unknown; configurationKeys?: unknown };
  try {
    asked = JSON.parse(body.toString('utf8')) as typeof asked;
  } catch (thrown) {
    throw new ApiError(403, 'InvalidRequestFormat', (thrown as Error).message);
  }
  const events = asked?.events ?? [];
  if (!Array.isArray(events)) throw new ApiError(403, 'InvalidRequestFormat', '"events" is no list.');
  for (const event of events) {
    if (event !== 'INVOKE' && event !== 'SHUTDOWN')
      throw new ApiError(403, 'Extension.InvalidEventType', `${String(event)}: unknown event.`);
  }
  return events as ExtensionEvent[];
}

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name < other.name ? -1 : 1;
