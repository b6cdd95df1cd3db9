import { AppFileSchema } from '../../src/build/config-schema.ts';

/** The published form of the schema that validates `mayfly.yaml`, for editors. */
export function renderConfigSchema(): string {
  return `${JSON.stringify(AppFileSchema, null, 2)}\n`;
}
