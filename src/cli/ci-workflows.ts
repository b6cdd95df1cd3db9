/** What a generated workflow is for. */
export interface CiApp {
  readonly app: string;
  /** The branch that goes to production. */
  readonly branch: string;
}

export interface CiSystem {
  /** Where its hosts look for it, from the top of a repository. */
  readonly file: string;
  /** Where its secrets are set. */
  readonly secrets: string;
  readonly render: (app: CiApp) => string;
}

/**
 * The name of a branch's preview, in POSIX shell: what a host name can carry of it, and a checksum, so that `a/b` and `a-b` stay
 * apart. The branch comes by a variable and never stands in the script: its name is whatever its author wrote.
 */
export const PREVIEW_NAME = [
  `SLUG=$(printf '%s' "$BRANCH" | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9' '-' | cut -c1-24 | sed 's/^-*//; s/-*$//')`,
  `NAME="\${SLUG:-branch}-$(printf '%s' "$BRANCH" | cksum | cut -d ' ' -f 1)"`,
] as const;

const indented = (spaces: number): string =>
  PREVIEW_NAME.map((line) => `${' '.repeat(spaces)}${line}\n`).join('');

const INSTALL = 'if [ -f package-lock.json ]; then npm ci; elif [ -f package.json ]; then npm install; fi';
const TEST = 'if [ -f package.json ]; then npm test --if-present; fi';

export const CI_SYSTEMS: Readonly<Record<string, CiSystem>> = {
  github: {
    file: '.github/workflows/mayfly.yml',
    secrets: 'Settings → Secrets and variables → Actions',
    render: ({
      app,
      branch,
    }) => `# Made by "mayfly ci init github". Needs the secrets MAYFLY_URL and MAYFLY_TOKEN (mayfly token create ci --app ${app}).
name: Mayfly
on:
  push:
    branches: ['**']
  delete:
permissions:
  contents: read
env:
  MAYFLY_URL: \${{ secrets.MAYFLY_URL }}
jobs:
  deploy:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    concurrency:
      group: mayfly-\${{ github.ref }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 24
      - name: Install
        run: ${INSTALL}
      - name: Test
        run: ${TEST}
      - name: Deploy to production
        if: github.ref == 'refs/heads/${branch}'
        env:
          MAYFLY_TOKEN: \${{ secrets.MAYFLY_TOKEN }}
        run: npx --yes mayfly deploy --message "$GITHUB_SHA"
      - name: Deploy a preview
        if: github.ref != 'refs/heads/${branch}'
        env:
          MAYFLY_TOKEN: \${{ secrets.MAYFLY_TOKEN }}
          BRANCH: \${{ github.ref_name }}
        run: |
${indented(10)}          npx --yes mayfly deploy --preview "$NAME" --message "$GITHUB_SHA"
  remove-preview:
    if: github.event_name == 'delete' && github.event.ref_type == 'branch'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-node@v4
        with:
          node-version: 24
      - name: Remove the preview
        env:
          MAYFLY_TOKEN: \${{ secrets.MAYFLY_TOKEN }}
          BRANCH: \${{ github.event.ref }}
        run: |
${indented(10)}          npx --yes mayfly preview remove "$NAME" --app ${app} --yes
`,
  },
  gitlab: {
    file: '.gitlab-ci.yml',
    secrets: 'Settings → CI/CD → Variables',
    render: ({
      app,
      branch,
    }) => `# Made by "mayfly ci init gitlab". Needs the variables MAYFLY_URL and MAYFLY_TOKEN (mayfly token create ci --app ${app}), masked.
image: node:24
stages: [test, deploy]
test:
  stage: test
  script:
    - ${INSTALL}
    - ${TEST}
production:
  stage: deploy
  rules:
    - if: $CI_COMMIT_BRANCH == "${branch}"
  resource_group: production
  environment:
    name: production
  script:
    - ${INSTALL}
    - npx --yes mayfly deploy --message "$CI_COMMIT_SHA"
preview:
  stage: deploy
  rules:
    - if: $CI_COMMIT_BRANCH && $CI_COMMIT_BRANCH != "${branch}"
  environment:
    name: preview/$CI_COMMIT_REF_SLUG
    on_stop: remove-preview
  script:
    - ${INSTALL}
    - |
      BRANCH="$CI_COMMIT_BRANCH"
${indented(6)}      npx --yes mayfly deploy --preview "$NAME" --message "$CI_COMMIT_SHA"
remove-preview:
  stage: deploy
  rules:
    - if: $CI_COMMIT_BRANCH && $CI_COMMIT_BRANCH != "${branch}"
      when: manual
      allow_failure: true
  environment:
    name: preview/$CI_COMMIT_REF_SLUG
    action: stop
  variables:
    GIT_STRATEGY: none
  script:
    - |
      BRANCH="$CI_COMMIT_BRANCH"
${indented(6)}      npx --yes mayfly preview remove "$NAME" --app ${app} --yes
`,
  },
};
