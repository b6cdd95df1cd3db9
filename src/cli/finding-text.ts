import type { BuiltApp } from '../build/built-app.ts';
import type { Problem } from '../build/problem.ts';
import type { Finding, Severity } from '../build/projects/foreign-project.ts';
import { plural } from './format.ts';
import { type Paint, printable } from './paint.ts';

/** Findings that a deploy prints; more are for `mayfly check`. */
const SHOWN_MAX = 5;

const STYLE = { ignored: 'gray', later: 'yellow', blocks: 'red' } as const satisfies Record<Severity, string>;

/** Each with what it means, over three lines at most. */
export function findingsText(findings: readonly Finding[], paint: Paint): string {
  return findings
    .map((finding) => {
      const advice = finding.suggestion === null ? [] : [`      → ${finding.suggestion}`];
      const head = `  ${paint(STYLE[finding.severity], finding.severity.padEnd(7))}  ${placeOf(finding)}${finding.what}`;
      return printable([head, `      ${finding.means}`, ...advice].join('\n'));
    })
    .join('\n');
}

/** What a build has to say besides its result, a line each. `format` is `formatProblem`, loaded with the build. */
export function buildNotices(built: BuiltApp, format: (problem: Problem) => string): string[] {
  return [
    ...built.notices.map((notice) => `note: ${notice}`),
    ...built.warnings.map((warning) => `warning: ${format(warning)}`),
    ...shortFindings(built.findings),
  ];
}

/** The same in a line each, for a deploy; empty: nothing was found. */
export function shortFindings(findings: readonly Finding[]): string[] {
  const shown = findings.slice(0, SHOWN_MAX).map((finding) => {
    return printable(`${finding.severity}: ${placeOf(finding)}${finding.what}: ${finding.means}`);
  });
  const more = findings.length - shown.length;
  return more > 0 ? [...shown, `and ${plural(more, 'finding')} more: "mayfly check" lists all`] : shown;
}

function placeOf({ place }: Finding): string {
  const parts = [place.file, place.line, place.column].filter((part) => part !== null);
  return parts.length === 0 ? '' : `${parts.join(':')}  `;
}
