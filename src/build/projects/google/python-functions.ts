import { readDecorated } from '../python-decorators.ts';
import { addVendorFunction } from '../vendor-function.ts';
import { routesBelow } from '../vendor-route.ts';
import { readFrameworkCommand } from './command-line.ts';
import type { FrameworkProject } from './framework-project.ts';

const FILE = 'main.py';

/** `main.py`: functions decorated with `@functions_framework.http` and the like, or the one that a `Procfile` names. */
export async function addPythonFunctions({
  folder,
  draft,
  include,
  dirName,
}: FrameworkProject): Promise<void> {
  const command = readFrameworkCommand((await folder.text('Procfile')) ?? '');
  const file = command?.source ?? FILE;
  const text = await folder.text(file);
  const top = { file: 'requirements.txt', line: null, column: null };
  if (text === null) {
    draft.blocks({ place: top, what: 'requirements.txt', means: `there is no file ${file}` });
    return;
  }
  const decorated = readDecorated(text).flatMap(({ name, line, decorators }) => {
    const kind = decorators
      .map(({ path }) => /^functions_framework\.(\w+)$/.exec(path)?.[1])
      .find((each) => each !== undefined);
    return kind === undefined ? [] : [{ name, line, kind }];
  });
  const target = command?.target ?? null;
  const chosen = target === null ? decorated : decorated.filter(({ name }) => name === target);
  const all =
    target !== null && chosen.length === 0
      ? [{ name: target, line: 1, kind: command?.signatureType ?? 'http' }]
      : chosen;
  if (all.length === 0) {
    const suggestion = 'decorate it with @functions_framework.http, or write a Procfile with --target=NAME';
    draft.blocks({ place: top, what: FILE, means: 'nothing says which function is served', suggestion });
  }
  for (const { name: own, line, kind } of all) {
    const isOnly = all.length === 1;
    const place = { file, line, column: 1 };
    const name = draft.nameFor(isOnly && own === 'function' ? dirName : own);
    addVendorFunction(draft, {
      name,
      place,
      handler: `${file}#${own}`,
      runtime: 'python3',
      dialect: 'google',
      include,
      env: kind === 'http' ? {} : { FUNCTION_SIGNATURE_TYPE: kind === 'cloud_event' ? 'cloudevent' : kind },
      routes: isOnly ? routesBelow('/') : routesBelow(`/${own}`),
    });
  }
}
