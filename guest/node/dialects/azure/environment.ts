import type { InstanceInfo } from '../../instance-info.ts';

/** The variables that Azure's hosts set, where the author did not. */
export function setVariables(instance: InstanceInfo): void {
  const wanted: Readonly<Record<string, string>> = {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
    AzureWebJobsScriptRoot: instance.codeDir,
    FUNCTIONS_EXTENSION_VERSION: '~4',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    WEBSITE_HOSTNAME: new URL(instance.own.hosts[0] ?? instance.own.url).host,
    WEBSITE_INSTANCE_ID: String(process.pid),
    WEBSITE_SITE_NAME: instance.app,
  };
  const names = Object.keys(wanted);
  for (let at = 0; at < names.length; at += 1) process.env[names[at]!] ??= wanted[names[at]!]!;
}
