/** One place where the repository breaks a rule of its architecture. */
export interface Violation {
  /** Path relative to the repository's root, `/`-separated. */
  readonly file: string;
  /** 1-based; 1 when the rule is about the whole file. */
  readonly line: number;
  /** Stable name of the rule: `layer`, `cycle`, `built-in` … */
  readonly rule: string;
  /** What is wrong and, where it helps, what to do instead. */
  readonly message: string;
  /** A warning is printed and fails nothing. */
  readonly severity: 'error' | 'warning';
}

/** `src/a.ts:12 [layer] message`: the form that editors and terminals turn into a link. */
export function formatViolation(violation: Violation): string {
  const mark = violation.severity === 'warning' ? 'warning: ' : '';
  return `${violation.file}:${violation.line} [${violation.rule}] ${mark}${violation.message}`;
}
