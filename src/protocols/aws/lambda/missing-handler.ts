import type { Language } from '../../../contract/runtimes.ts';
import type { ArtifactFile } from '../../../ports/artifacts.ts';
import { sha256Hex } from '../sigv4/signature.ts';

/** A file of our own in the place of a handler. */
interface StandIn {
  readonly file: ArtifactFile;
  content(): AsyncIterable<Uint8Array>;
}

/**
 * Lambda takes a function whose handler is not in its code (tools make functions with a placeholder, and send the code
 * later), and fails its calls. So does this file, in the same words.
 */
export function missingHandler(handler: string, language: Language | null): StandIn {
  const module = handler.replace(/\.[^./]*$/, '');
  const [path, text] =
    language === 'python'
      ? [
          'mayfly_no_handler.py',
          `class ImportModuleError(Exception):\n    pass\n\n\nImportModuleError.__name__ = "Runtime.ImportModuleError"\nraise ImportModuleError(${JSON.stringify(`Unable to import module '${module}': No module named '${module}'`)})\n`,
        ]
      : language === 'javascript'
        ? [
            '.mayfly-no-handler.cjs',
            `throw Object.assign(new Error(${JSON.stringify(`Cannot find module '${module}'`)}), { name: 'Runtime.ImportModuleError' });\n`,
          ]
        : [
            'bootstrap',
            `#!/bin/sh\necho "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]" >&2\nexit 1\n`,
          ];
  const bytes = Buffer.from(text!);
  return {
    file: {
      path: path!,
      sha256: sha256Hex(bytes),
      bytes: bytes.length,
      mode: language === null ? 0o755 : 0o644,
    },
    async *content() {
      yield bytes;
    },
  };
}
