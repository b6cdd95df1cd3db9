/** Fields that are about one connection and no message (RFC 9110, 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Flat `[name, value …]` without those that end here, also those that `Connection` names. */
export function endToEnd(headers: readonly string[], further: readonly string[] = []): string[] {
  const named = new Set(further);
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() !== 'connection') continue;
    for (const name of headers[at + 1]!.split(',')) named.add(name.trim().toLowerCase());
  }
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase();
    if (!HOP_BY_HOP.has(name) && !named.has(name)) kept.push(headers[at]!, headers[at + 1]!);
  }
  return kept;
}
