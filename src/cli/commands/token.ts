import { type Command, Option } from 'commander';
import type { Token, TokenRequest } from '../../contract/control-api.ts';
import { apiPath } from '../api-client.ts';
import { formatMinute } from '../format.ts';
import { connect } from '../node-location.ts';
import { checkedName, type NodeOptions, type OutputOptions, withNode, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { renderTable } from '../table.ts';
import { parseSpan } from '../time-span.ts';

interface CreateOptions extends NodeOptions, OutputOptions {
  readonly role: TokenRequest['role'];
  readonly app?: string[];
  readonly expires?: string;
}

const COLUMNS = ['id', 'name', 'role', 'apps', 'created', 'expires'].map((title) => ({ title }));

/** `mayfly token create|list|revoke`: who may do what on a node. */
export function registerToken(program: Command, shell: Shell): void {
  const group = program.command('token').summary('create, list and revoke access tokens of a node');
  registerCreate(group, shell);

  withOutput(
    withNode(group.command('list').summary('list tokens; a token itself is never shown again')),
  ).action(async (options: NodeOptions & OutputOptions) => {
    const list = await connect(shell, options).get<{ tokens: Token[] }>(apiPath('tokens'));
    new Printer(shell, options).document(list, () => tableOf(list.tokens));
  });

  withOutput(
    withNode(group.command('revoke').argument('<id>').summary('make a token worthless at once')),
  ).action(async (id: string, options: NodeOptions & OutputOptions) => {
    await connect(shell, options).delete(apiPath('tokens', id));
    new Printer(shell, options).document({ id, revoked: true }, () => `Revoked ${id}.`);
  });
}

function registerCreate(group: Command, shell: Shell): void {
  const command = group
    .command('create')
    .argument('<name>', 'who or what it is for')
    .addOption(
      new Option('--role <role>', 'what it may do; each role includes the later ones')
        .choices(['admin', 'deploy', 'invoke', 'read'])
        .default('deploy'),
    )
    .option('--app <app...>', 'only these apps, by default all')
    .option('--expires <span>', 'lifetime such as 30d, by default until revoked')
    .summary('make a token and print it, once');
  withOutput(withNode(command)).action(async (name: string, options: CreateOptions) => {
    const request: TokenRequest = {
      name,
      role: options.role,
      ...(options.app === undefined ? {} : { apps: options.app.map((app) => checkedName(app, 'app')) }),
      ...(options.expires === undefined ? {} : { expiresInMs: parseSpan(options.expires) }),
    };
    const printer = new Printer(shell, options);
    const answer = await connect(shell, options).post<{ id: string; token: string }>(
      apiPath('tokens'),
      request,
    );
    printer.document(answer, () => answer.token);
    printer.notice(`Token ${answer.id} (${options.role}). It is shown only now: keep it.`);
  });
}

function tableOf(tokens: readonly Token[]): string {
  return renderTable(
    COLUMNS,
    tokens.map((token) => [
      token.id,
      token.name,
      token.role,
      token.apps === null ? '(all)' : token.apps.join(', '),
      formatMinute(token.createdAt),
      token.expiresAt === null ? 'never' : formatMinute(token.expiresAt),
    ]),
  );
}
