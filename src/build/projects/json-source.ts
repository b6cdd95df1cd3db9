import {
  findNodeAtLocation,
  getNodeValue,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import type { ConfigSource } from '../config-source.ts';
import { type Place, problemAt } from '../problem.ts';

/**
 * Reads JSON, also with comments and trailing commas, remembering where everything stands.
 * @param name of the file in problems: its path relative to the app's folder
 */
export function readJsonSource(file: string, name: string, text: string): ConfigSource {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const placeAt = (offset: number): Place => {
    const before = text.slice(0, offset).split('\n');
    return { file: name, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  };
  const problems = errors.map(({ error, offset }) =>
    problemAt(placeAt(offset), `this is no JSON: ${printParseErrorCode(error)}`),
  );
  return {
    file,
    value: tree === undefined ? null : (getNodeValue(tree) as unknown),
    problems,
    placeOf(path, at) {
      for (let length = path.length; length > 0; length -= 1) {
        const node = tree === undefined ? undefined : findNodeAtLocation(tree, path.slice(0, length));
        if (node === undefined) continue;
        const isKey = at === 'key' && node.parent?.type === 'property';
        return placeAt(isKey ? (node.parent?.offset ?? node.offset) : node.offset);
      }
      return placeAt(tree?.offset ?? 0);
    },
  };
}
