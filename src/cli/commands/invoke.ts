import type { IncomingMessage } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { InvocationHeaders } from '../../contract/invocation-headers.ts';
import { apiPath } from '../api-client.ts';
import { requiredApp } from '../app-name.ts';
import { formatMs } from '../format.ts';
import { connect } from '../node-location.ts';
import {
  type AppOptions,
  checkedName,
  type EnvironmentOptions,
  environmentOf,
  type NodeOptions,
  type OutputOptions,
  withApp,
  withEnvironment,
  withNode,
  withOutput,
} from '../options.ts';
import { type PayloadOptions, readPayload } from '../payload.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';

interface InvokeOptions extends OutputOptions, EnvironmentOptions, AppOptions, PayloadOptions {
  readonly url?: string;
  readonly token?: string;
  readonly dataDir?: string;
  readonly async: 'yes' | 'no';
}

/** `mayfly invoke FUNCTION`: calls a function with an event and prints what it returns. */
export function registerInvoke(program: Command, shell: Shell): void {
  const command = program
    .command('invoke')
    .argument('<function>')
    .option('--data <payload>', 'the payload itself')
    .option(
      '--file <file>',
      'file with the payload, - for stdin; without either stdin, unless it is a terminal',
    )
    .option('--content-type <type>', 'type of the payload; by default JSON if it parses as JSON')
    .addOption(
      new Option('--async [yes|no]', 'return as soon as the call is on disk; it is then made at least once')
        .choices(['yes', 'no'])
        .preset('yes')
        .default('no'),
    )
    .summary('call a function with an event and print its result');
  withOutput(withNode(withEnvironment(withApp(command)), '--data-dir')).action(
    (name: string, options: InvokeOptions) => invoke(shell, checkedName(name, 'function'), options),
  );
}

async function invoke(shell: Shell, name: string, options: InvokeOptions): Promise<void> {
  const printer = new Printer(shell, options);
  const client = connect(shell, nodeOptions(options));
  const environment = environmentOf(shell, options);
  const app = await requiredApp(shell, options, client);
  const payload = await readPayload(shell, options, (line) => printer.notice(line));
  const answer = await client.exchange({
    method: 'POST',
    path: apiPath('apps', app, 'environments', environment, 'functions', name, 'invocations'),
    headers: payload.contentType === null ? {} : { 'content-type': payload.contentType },
    body: payload.body,
    answerTimeoutMs: 0,
    ...(options.async === 'yes' ? { query: { async: true } } : {}),
  });
  if (options.async === 'yes') {
    const { requestId } = JSON.parse(await text(answer)) as { requestId: string };
    printer.document({ app, environment, function: name, requestId }, () => requestId);
    return;
  }
  const body = await buffer(answer);
  const facts = factsOf(answer);
  if (printer.json) {
    printer.document(
      { app, environment, function: name, ...facts, result: resultOf(facts.contentType, body) },
      () => '',
    );
    return;
  }
  shell.stdout.write(body);
  // A shell prompt would otherwise stand behind the result.
  if (shell.stdout.isTTY === true && body.at(-1) !== 10) shell.stdout.write('\n');
  const start = facts.cold ? 'cold' : 'warm';
  printer.notice(
    `${start}, ${formatMs(facts.durationMs)}, billed ${facts.billedMs} ms, request ${facts.requestId}`,
  );
}

/** `--data` is the payload here, so the node's folder has another flag. */
function nodeOptions(options: InvokeOptions): NodeOptions {
  return {
    ...(options.url === undefined ? {} : { url: options.url }),
    ...(options.token === undefined ? {} : { token: options.token }),
    ...(options.dataDir === undefined ? {} : { data: options.dataDir }),
  };
}

interface InvocationFacts {
  readonly requestId: string;
  readonly outcome: string;
  readonly cold: boolean;
  readonly durationMs: number;
  readonly billedMs: number;
  readonly contentType: string;
}

function factsOf(answer: IncomingMessage): InvocationFacts {
  const header = (name: string) => String(answer.headers[name] ?? '');
  return {
    requestId: header(InvocationHeaders.requestId),
    outcome: header(InvocationHeaders.outcome) || 'ok',
    cold: header(InvocationHeaders.cold) === 'true',
    durationMs: Number(header(InvocationHeaders.durationMs)),
    billedMs: Number(header(InvocationHeaders.billedMs)),
    contentType: header('content-type'),
  };
}

/** A result as JSON can hold it: parsed, or text, or for other bytes `{ base64 }`. */
function resultOf(contentType: string, body: Buffer): unknown {
  if (body.length === 0) return null;
  if (/[/+]json\b/.test(contentType)) {
    try {
      return JSON.parse(body.toString('utf8'));
    } catch {
      return body.toString('utf8');
    }
  }
  return contentType.startsWith('text/') ? body.toString('utf8') : { base64: body.toString('base64') };
}
