import type { AppDraft } from '../app-draft.ts';
import type { Section } from '../section.ts';

/** One object of Fission: its name, and its `spec`. */
export interface FissionObject {
  readonly name: string;
  readonly document: Section;
  readonly spec: Section;
}

/** What kinds without a counterpart mean here. */
const OTHER_KINDS: ReadonlyMap<string, readonly ['ignored' | 'later', string]> = new Map(
  Object.entries({
    CanaryConfig: [
      'ignored',
      'canaries are of whole releases: "canary" in mayfly.yaml, and "mayfly deploy --canary"',
    ],
    FissionTenant: ['ignored', 'projects and apps are what tenants are there'],
    KubernetesWatchTrigger: ['ignored', 'there is no Kubernetes whose objects could be watched'],
    Workflow: ['later', 'it begins to work when there are workflows'],
    WorkflowRun: ['ignored', 'runs are not declared'],
  } as const),
);

/** The objects of all specification files by their kinds. */
export class FissionSpecs {
  readonly functions: FissionObject[] = [];
  readonly environments = new Map<string, FissionObject>();
  readonly packages = new Map<string, FissionObject>();
  /** `ArchiveUploadSpec`: name → globs relative to the project's folder. */
  readonly archives = new Map<string, readonly string[]>();
  readonly httpTriggers: FissionObject[] = [];
  readonly timeTriggers: FissionObject[] = [];
  readonly queueTriggers: FissionObject[] = [];

  constructor(documents: readonly Section[], draft: AppDraft) {
    for (const document of documents) this.#sort(document, draft);
  }

  #sort(document: Section, draft: AppDraft): void {
    const kind = document.text('kind') ?? '';
    const metadata = document.section('metadata');
    document.nameDocument(`${kind} ${metadata?.text('name') ?? document.text('name') ?? ''}`.trim());
    document.pass('apiVersion', 'status');
    if (kind === 'DeploymentConfig') {
      document.pass('uid');
      const name = document.text('name');
      if (name !== undefined) draft.name(name, document.place('name', 'value'));
      return;
    }
    if (kind === 'ArchiveUploadSpec') {
      this.archives.set(document.text('name') ?? '', document.texts('include'));
      document.leave('ignored', { rootdir: 'paths are relative to the folder of the project' });
      return;
    }
    const spec = document.section('spec');
    const name = readMetadata(metadata);
    if (spec === undefined || !this.#take(kind, { name, document, spec })) this.#leave(kind, document, spec);
  }

  #take(kind: string, object: FissionObject): boolean {
    if (kind === 'Function') this.functions.push(object);
    else if (kind === 'Environment') this.environments.set(object.name, object);
    else if (kind === 'Package') this.packages.set(object.name, object);
    else if (kind === 'HTTPTrigger') this.httpTriggers.push(object);
    else if (kind === 'TimeTrigger') this.timeTriggers.push(object);
    else if (kind === 'MessageQueueTrigger') this.queueTriggers.push(object);
    else return false;
    return true;
  }

  /** What says nothing here is told once, not key by key. */
  #leave(kind: string, document: Section, spec: Section | undefined): void {
    const [severity, means] = OTHER_KINDS.get(kind) ?? [
      'ignored',
      'Mayfly does not know objects of this kind',
    ];
    document.tell('kind', { severity, means });
    spec?.pass(...spec.keys);
  }
}

function readMetadata(metadata: Section | undefined): string {
  metadata?.pass('creationTimestamp', 'generation', 'resourceVersion', 'uid', 'selfLink');
  if (metadata?.text('namespace') !== 'default') tellNamespace(metadata);
  metadata?.leave('ignored', {
    labels: 'there are no labels',
    annotations: 'nothing here reads annotations',
  });
  return metadata?.text('name') ?? '';
}

function tellNamespace(metadata: Section | undefined): void {
  if (metadata?.has('namespace') !== true) return;
  metadata.tell('namespace', {
    severity: 'ignored',
    means: 'apps and environments are what namespaces are there',
  });
}
