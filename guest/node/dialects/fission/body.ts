import { parseBody } from '../../event-data.ts';
import { isForm } from '../../request-data.ts';
import { formRecord } from '../../request-target.ts';

/** `request.body` as Fission's parsers make it: JSON, flat forms and text by their type, bytes for all else. */
export function parseFissionBody(bytes: Buffer, type: string): unknown {
  if (bytes.length === 0) return {};
  return isForm(type) ? formRecord(bytes.toString('utf8')) : parseBody(bytes, type);
}
