/** What starts the Functions Framework says about the function. */
export interface FrameworkCommand {
  /** Null: not said. */
  readonly target: string | null;
  readonly signatureType: string | null;
  readonly source: string | null;
}

/** Reads `functions-framework --target=hello --signature-type http` wherever it stands in a command; null: it is not there. */
export function readFrameworkCommand(command: string): FrameworkCommand | null {
  const at = /functions-framework(-nodejs|-python)?(?=\s|$)/.exec(command);
  if (at === null) return null;
  const options = command.slice(at.index).split(/\s*(?:&&|\|\||;|\|)\s*/)[0] ?? '';
  const variable = (name: string): string | null =>
    new RegExp(`\\b${name}=(["']?)([^\\s"']+)\\1`).exec(command)?.[2] ?? null;
  const option = (name: string): string | null =>
    new RegExp(`--${name}(?:=|\\s+)(["']?)([^\\s"']+)\\1`).exec(options)?.[2] ?? null;
  return {
    target: option('target') ?? variable('FUNCTION_TARGET'),
    signatureType: option('signature-type') ?? variable('FUNCTION_SIGNATURE_TYPE'),
    source: option('source') ?? variable('FUNCTION_SOURCE'),
  };
}
