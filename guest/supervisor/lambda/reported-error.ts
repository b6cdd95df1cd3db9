/** An error that the runtime reported: its own words, in AWS's form. */
export class ReportedError extends Error {
  override readonly name: string;

  /**
   * @param type what `Lambda-Runtime-Function-Error-Type` says, or null
   * @param body `{"errorMessage", "errorType", "stackTrace"}`, whatever of it is there
   */
  constructor(type: string | null, body: Buffer) {
    const report = parse(body);
    const name = textOf(report.errorType) ?? type ?? 'Runtime.UnknownReason';
    const message = textOf(report.errorMessage) ?? (body.length === 0 ? 'no message' : body.toString('utf8'));
    super(message);
    this.name = name;
    const lines = Array.isArray(report.stackTrace) ? report.stackTrace.map(String) : [];
    this.stack = [
      `${name}: ${message}`,
      ...lines.map((line) => (/^\s/.test(line) ? line : `    ${line}`)),
    ].join('\n');
  }
}

function parse(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
