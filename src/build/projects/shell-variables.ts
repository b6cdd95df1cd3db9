/** Text with the variables of the surroundings filled in. */
export interface ExpandedText {
  readonly text: string;
  /** Variables that are not set and have no default; they became nothing. */
  readonly missing: readonly string[];
}

const BRACED = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-=])([^}]*))?\}/g;
const ANY = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-=])([^}]*))?\}|\$([A-Za-z_][A-Za-z0-9_]*)/g;

/**
 * Fills in `${NAME}` and `${NAME:-default}` (with a colon: also when it is set to nothing) as shells do.
 * @param bare whether `$NAME` without braces counts, too
 */
export function expandVariables(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  bare: boolean,
): ExpandedText {
  const missing = new Set<string>();
  const expanded = text.replace(
    bare ? ANY : BRACED,
    (_all, braced?: string, operator?: string, otherwise?: string, plain?: string) => {
      const name = braced ?? plain ?? '';
      const value = env[name];
      if (value !== undefined && !(value === '' && operator?.startsWith(':'))) return value;
      if (operator === undefined) missing.add(name);
      return otherwise ?? '';
    },
  );
  return { text: expanded, missing: [...missing] };
}
