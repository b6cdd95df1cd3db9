import type { Command } from 'commander';
import type { Credentials } from '../../contract/credentials-api.ts';
import { apiPath } from '../api-client.ts';
import { connect } from '../node-location.ts';
import { type NodeOptions, type OutputOptions, withNode, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { renderPairs } from '../table.ts';

interface CredentialsOptions extends NodeOptions, OutputOptions {
  readonly env?: boolean;
}

/** `mayfly credentials`: what AWS's tools need to reach the edge port, worth what the token is that asks. */
export function registerCredentials(program: Command, shell: Shell): void {
  const command = program
    .command('credentials')
    .summary("print what AWS's tools need to reach the node's edge port")
    .option('--env', 'print lines for a shell: eval "$(mayfly credentials --env)"');
  withOutput(withNode(command)).action(async (options: CredentialsOptions) => {
    const credentials = await connect(shell, options).get<Credentials>(apiPath('credentials'));
    const variables = variablesOf(credentials);
    const text = (): string =>
      options.env === true
        ? variables.map(([name, value]) => `export ${name}=${value}`).join('\n')
        : renderPairs(variables);
    new Printer(shell, options).document(Object.fromEntries(variables), text);
  });
}

/** As every AWS SDK reads them. Values are base64, names and a URL: none needs quoting in a shell. */
function variablesOf(credentials: Credentials): [string, string][] {
  const { accessKeyId, secretAccessKey, region, endpointUrl } = credentials;
  return [
    ['AWS_ACCESS_KEY_ID', accessKeyId],
    ['AWS_SECRET_ACCESS_KEY', secretAccessKey],
    ['AWS_REGION', region],
    ['AWS_DEFAULT_REGION', region],
    ['AWS_ENDPOINT_URL', endpointUrl],
  ];
}
