const MEMORY_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** `128Mi`, `1Gi`, `500M`, `40m` as Docker writes it (`m`, `g`: MB, GB), or bytes, in MB (2^20 bytes); null: none of these. */
export function readMemory(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  if (match === null) return null;
  const [, number = '', unit = ''] = match;
  const docker: Readonly<Record<string, string>> = {
    m: 'Mi',
    g: 'Gi',
    mb: 'Mi',
    gb: 'Gi',
    MB: 'Mi',
    GB: 'Gi',
    K: 'k',
  };
  const factor = MEMORY_BYTES[docker[unit] ?? unit];
  return factor === undefined ? null : (Number(number) * factor) / 2 ** 20;
}

const SPAN_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 36e5,
  d: 864e5,
};

/** `500m` or `0.5`: a share of a vCPU, in thousandths; null: neither. */
export function readCpu(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(text.trim());
  if (match === null) return null;
  return Number(match[1]) * (match[2] === 'm' ? 1 : 1_000);
}

/** A span as Go writes it (`1m30s`, `250ms`); a bare number is seconds. In ms; null: neither. */
export function readSpan(text: string): number | null {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1_000;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d))+$/.test(trimmed)) return null;
  let sum = 0;
  for (const [, number, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)) {
    sum += Number(number) * (SPAN_MS[unit ?? ''] ?? 0);
  }
  return sum;
}

/** `HH:MM:SS` or `D.HH:MM:SS` as .NET writes it, in ms; null: not that. */
export function readClockSpan(text: string): number | null {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})$/.exec(text.trim());
  if (match === null) return null;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}
