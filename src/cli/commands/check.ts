import path from 'node:path';
import type { Command } from 'commander';
import type { AppConfig } from '../../build/app-config.ts';
import type { FunctionPlan } from '../../build/function-plan.ts';
import type { Problem } from '../../build/problem.ts';
import { sayTrigger } from '../../contract/triggers.ts';
import { MayflyError } from '../../domain/errors.ts';
import { findingsText } from '../finding-text.ts';
import { plural } from '../format.ts';
import { type OutputOptions, withOutput } from '../options.ts';
import { type Paint, printable } from '../paint.ts';
import { Printer } from '../printer.ts';
import { type ProjectFlags, projectOptionsOf, withProject } from '../project-options.ts';
import type { Shell } from '../shell.ts';
import { renderTable } from '../table.ts';

/** Routes of a function in the table. */
const routesMax = 4;

const COLUMNS = ['function', 'handler', 'runtime', 'dialect', 'routes', 'triggers'].map((title) => ({
  title,
}));

/** `mayfly check [DIR]`: what a deploy of a folder would find, without building or deploying anything. */
export function registerCheck(program: Command, shell: Shell): void {
  const command = program
    .command('check')
    .argument('[dir]', 'folder of the app, by default the current one')
    .summary('show what a folder deploys as, and what is missing');
  withProject(withOutput(command)).action(
    async (dir: string | undefined, options: OutputOptions & ProjectFlags) => {
      const printer = new Printer(shell, options);
      const { loadApp } = await import('../../build/app-loader.ts');
      const folder = path.resolve(shell.cwd, dir ?? '.');
      const app = await loadApp(folder, { ...projectOptionsOf(shell, options), tolerant: true });
      const { plans, problems } = await plansOf(app);
      const blocks = app.findings.filter(({ severity }) => severity === 'blocks').length + problems.length;
      const report = {
        app: app.name,
        project: app.project,
        ...listed(app, plans),
        findings: app.findings,
        problems,
      };
      printer.document({ ...report, deployable: blocks === 0 }, () =>
        textOf(app, plans, problems, printer.paint),
      );
      if (blocks > 0) {
        throw new MayflyError(
          'CONFIG_INVALID',
          `${plural(blocks, 'thing')} must change before ${app.name} can be deployed.`,
        );
      }
    },
  );
}

/** What is settled of a function. */
type Plan = Pick<FunctionPlan, 'config' | 'dialect'>;

/** What can be told without bundling: files, exports and dialects. */
async function plansOf(app: AppConfig): Promise<{ plans: Plan[]; problems: readonly Problem[] }> {
  const [{ planFunctions }, { planPython }, { planPrograms }] = await Promise.all([
    import('../../build/function-plan.ts'),
    import('../../build/python/python-builds.ts'),
    import('../../build/programs/program-builds.ts'),
  ]);
  // An image may have to be built before anything can be told of it.
  const others = { ...app, functions: app.functions.filter(({ image }) => image === null) };
  const plans: Plan[] = [];
  const problems: Problem[] = [];
  for (const planned of [planFunctions, planPython, planPrograms]) {
    try {
      plans.push(...(await planned(others)));
    } catch (thrown) {
      if (!(thrown instanceof MayflyError) || thrown.code !== 'BUILD_FAILED') throw thrown;
      problems.push(...((thrown.details?.problems ?? []) as Problem[]));
    }
  }
  return { plans, problems };
}

function listed(app: AppConfig, plans: readonly Plan[]) {
  const dialects = new Map(plans.map(({ config, dialect }) => [config.name, dialect]));
  const functions = app.functions.map(({ name, handler, runtime, dialect, routes, triggers }) => ({
    name,
    handler: handler.text,
    runtime,
    dialect: dialects.get(name) ?? dialect,
    routes: routes.map(({ method, pattern }) => ({ method, pattern })),
    triggers,
  }));
  return { functions };
}

/** As many as a line can hold; "--json" has all. */
function sayRoutes(routes: readonly string[]): string {
  const more = routes.length - routesMax;
  return more > 1 ? `${routes.slice(0, routesMax).join(', ')} and ${more} more` : routes.join(', ');
}

function textOf(app: AppConfig, plans: readonly Plan[], problems: readonly Problem[], paint: Paint): string {
  const from = app.configFile === null ? 'no configuration file' : path.basename(app.configFile);
  const head = `${app.name}: ${app.project === null ? from : `${from} (${app.project})`}`;
  const rows = listed(app, plans).functions.map((each) => [
    paint('bold', each.name),
    each.handler,
    each.runtime,
    each.dialect ?? '?',
    sayRoutes(each.routes.map(({ method, pattern }) => `${method === '*' ? 'ANY' : method} ${pattern}`)),
    printable(each.triggers.map(sayTrigger).join(', ')),
  ]);
  const notices = app.notices.map((notice) => `note: ${notice}`);
  const broken = problems.map(({ file, line, column, message, suggestion }) => {
    const place = [file, line, column].filter((part) => part !== null).join(':');
    return `  ${paint('red', 'problem')}  ${place}  ${message}${suggestion === null ? '' : `\n      → ${suggestion}`}`;
  });
  const findings = app.findings.length === 0 ? [] : [findingsText(app.findings, paint)];
  const verdict = broken.length + findings.length === 0 ? ['Nothing is missing.'] : [...findings, ...broken];
  const table = rows.length === 0 ? 'No function could run.' : renderTable(COLUMNS, rows);
  return [head, ...notices, '', table, '', ...verdict].join('\n');
}
