import type { AppDraft } from '../app-draft.ts';
import { readJsonSource } from '../json-source.ts';
import type { ProjectFolder } from '../project-folder.ts';
import { Section } from '../section.ts';

/** Settings of Azure's own host, which mean nothing to the code. */
const OF_THE_HOST =
  /^(AzureWebJobs(?!.*\.Disabled)|FUNCTIONS_|APPINSIGHTS|APPLICATIONINSIGHTS|WEBSITE_|languageWorkers)/i;

/** Variables of `local.settings.json`; the file is often kept out of the repository, and then there are none. */
export async function readLocalSettings(
  folder: ProjectFolder,
  draft: AppDraft,
): Promise<Record<string, string>> {
  const name = 'local.settings.json';
  const text = await folder.text(name);
  if (text === null) return {};
  const top = Section.of(readJsonSource(folder.absolute(name), name, text), draft);
  top.leave('ignored', {
    Host: '"mayfly dev" has its own ports, and "cors" stands in mayfly.yaml',
    ConnectionStrings: 'they are for .NET; write variables, or "mayfly secret set"',
  });
  const values = top.section('Values');
  if (top.flag('IsEncrypted') === true) {
    values?.pass(...values.keys);
    top.tell('IsEncrypted', {
      severity: 'ignored',
      means: 'encrypted settings cannot be read',
      suggestion: 'mayfly env set NAME=VALUE',
    });
    return {};
  }
  const all = values?.pairs() ?? {};
  const kept = Object.entries(all).filter(([key]) => !OF_THE_HOST.test(key));
  for (const key of Object.keys(all)) {
    if (OF_THE_HOST.test(key))
      values?.tell(key, { severity: 'ignored', means: "it is a setting of Azure's host" });
  }
  if (kept.length > 0) {
    top.tell('Values', {
      severity: 'ignored',
      means: 'they are plain variables of the release, readable by whoever may see it',
      suggestion: 'for a secret: mayfly secret set NAME',
    });
  }
  top.close();
  // A double underscore is how Linux writes the colon of a nested setting.
  return Object.fromEntries(kept.map(([key, value]) => [key.replaceAll(':', '__'), value]));
}
