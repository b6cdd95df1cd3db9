import type { Section } from '../section.ts';
import { NOT_INHERITED, type WorkerSettings } from './environment.ts';

/** Settings that mean nothing here, and say so. */
const IGNORED: Readonly<Record<string, string>> = {
  compatibility_date: 'Mayfly has one behaviour, that of its version',
  route: 'the app answers at its own host',
  routes: 'the app answers at its own host',
  workers_dev: 'the app answers at its own host',
  preview_urls: '"mayfly preview" makes environments with hosts of their own',
  usage_model: 'usage is written for every call',
  limits: 'time is bounded by "timeout" in mayfly.yaml, CPU follows the memory',
  placement: 'there is one node to place it on',
  observability: 'logs, usage and traces are always there',
  logpush: '"mayfly logs" reads the log',
  tail_consumers: '"mayfly logs -f" follows the log',
  streaming_tail_consumers: '"mayfly logs -f" follows the log',
  logfwdr: '"mayfly logs" reads the log',
  tsconfig: 'tsconfig.json beside the code is read',
  jsx_factory: 'tsconfig.json says how JSX is compiled',
  jsx_fragment: 'tsconfig.json says how JSX is compiled',
  no_bundle: 'code is always bundled; "external" in mayfly.yaml leaves packages out',
  find_additional_modules: '"include" in mayfly.yaml ships further files',
  preserve_file_names: '"include" in mayfly.yaml ships further files under their names',
  base_dir: '"include" in mayfly.yaml ships further files',
  rules: '.txt, .html, .sql and .wasm are importable without rules; "include" ships the rest',
  upload_source_maps: 'source maps are always shipped',
  keep_names: 'names are kept unless "minify" is set',
  first_party_worker: "it is about Cloudflare's own account",
  cache: 'the gateway does not cache answers',
  cloudchamber: 'containers are functions of their own: "runtime: container"',
  alias: 'write the module\'s real name in the import, or "imports" in package.json',
};

/** What cannot be left out without the code failing. */
const BLOCKS: Readonly<Record<string, string>> = {
  define: 'the code reads constants that a build must put in',
};

export function leaveSettings({ own, all }: WorkerSettings): void {
  for (const section of all) {
    readFlags(section);
    section.leave('ignored', IGNORED);
    section.leave('blocks', BLOCKS);
    section.leave('later', {
      assets: 'static files are not served yet; the Worker answers at every path',
      site: 'static files are not served yet; the Worker answers at every path',
      migrations: 'there are no durable objects yet',
      containers: 'containers beside a Worker are not started',
      secrets: 'set each with "mayfly secret set"',
    });
    if (section === own) continue;
    // The top level, when an environment was chosen.
    for (const key of NOT_INHERITED) section.leave('ignored', { [key]: 'environments do not inherit it' });
  }
}

function readFlags(section: Section): void {
  for (const flag of section.texts('compatibility_flags')) {
    if (/^nodejs_compat/.test(flag)) continue;
    section.tell('compatibility_flags', {
      severity: 'ignored',
      means: `"${flag}": Mayfly has one behaviour, that of its version`,
    });
  }
}

/** Keys that stand only at the top. */
export function leaveTop(top: Section): void {
  top.pass('$schema', 'account_id', 'zone_id', 'send_metrics');
  top.leave('ignored', {
    dev: '"mayfly dev" has its own ports',
    keep_vars: 'a release has the variables that it was deployed with',
    legacy_env: "environments are Mayfly's own",
    type: 'code is always bundled',
    pages_build_output_dir: 'static files are not served yet',
    webpack_config: 'code is bundled with esbuild',
    python_modules: 'Python is a runtime of its own',
  });
}
