import { MayflyError } from '../../domain/errors.ts';
import type { EnvironmentKind } from '../../domain/traffic.ts';
import { previewOf } from '../../kit/preview-name.ts';
import type { RefUpdate } from '../../ports/repositories.ts';

/** Branches that one push may deploy: each is a build. */
const BRANCHES_MAX = 5;
const BRANCH = 'refs/heads/';
const TAG = 'refs/tags/';
const PRODUCTION = 'production';

export interface BranchDeploy {
  readonly branch: string;
  readonly ref: string;
  readonly before: string | null;
  readonly commit: string;
  readonly environment: string;
  readonly kind: EnvironmentKind;
}

/** What a push comes to. */
export interface PushPlan {
  /** Previews first, production last. */
  readonly deploys: readonly BranchDeploy[];
  /** Previews whose branch goes. */
  readonly removals: readonly string[];
}

/** Pure. Tags are kept and deploy nothing. @throws MayflyError PUSH_REFUSED */
export function planPush(app: string, productionBranch: string, updates: readonly RefUpdate[]): PushPlan {
  const deploys: BranchDeploy[] = [];
  const removals: string[] = [];
  for (const { ref, before, after } of updates) {
    if (ref.startsWith(TAG)) continue;
    if (!ref.startsWith(BRANCH)) throw refused(`${ref} is neither a branch nor a tag.`);
    const branch = ref.slice(BRANCH.length);
    const production = branch === productionBranch;
    if (after === null) {
      if (production) throw refused(`"${branch}" is the production branch and cannot be deleted.`);
      removals.push(previewOf(app, branch));
      continue;
    }
    const [environment, kind] = production
      ? [PRODUCTION, 'permanent' as const]
      : [previewOf(app, branch), 'preview' as const];
    deploys.push({ branch, ref, before, commit: after, environment, kind });
  }
  if (deploys.length > BRANCHES_MAX)
    throw refused(`A push may deploy ${BRANCHES_MAX} branches, not ${deploys.length}.`);
  deploys.sort((left, right) => Number(left.kind === 'permanent') - Number(right.kind === 'permanent'));
  return { deploys, removals };
}

export const refused = (message: string): MayflyError => new MayflyError('PUSH_REFUSED', message);
