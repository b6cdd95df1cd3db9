import { readCpu, readMemory } from './resource-quantity.ts';
import type { Section } from './section.ts';

/** Bounds of a container as Kubernetes writes them, `{ memory: 128Mi, cpu: 500m }`. */
export interface ContainerLimits {
  readonly memoryMb: number | undefined;
  readonly cpuMillis: number | undefined;
}

/** What is no quantity is told, and left out. */
export function readLimits(limits: Section | undefined): ContainerLimits {
  return {
    memoryMb: readQuantity(limits, 'memory', readMemory),
    cpuMillis: readQuantity(limits, 'cpu', readCpu),
  };
}

function readQuantity(
  limits: Section | undefined,
  key: string,
  read: (text: string) => number | null,
): number | undefined {
  const text = limits?.text(key);
  if (text === undefined || text === '') return undefined;
  const quantity = read(text);
  if (quantity === null) limits?.tell(key, { severity: 'ignored', means: `"${text}" is no quantity` });
  return quantity ?? undefined;
}
