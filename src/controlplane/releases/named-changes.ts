export type ChangeKind = 'added' | 'removed' | 'changed';

/** Something that one of two releases has and the other has not, or has otherwise. */
export interface NamedChange<T> {
  readonly name: string;
  readonly change: ChangeKind;
  /** Null: it was added. */
  readonly before: T | null;
  /** Null: it was removed. */
  readonly after: T | null;
}

/** What turns `before` into `after`, sorted by name; what is the same in both is left out. */
export function namedChanges<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  isSame: (a: T, b: T) => boolean,
): NamedChange<T>[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name): NamedChange<T>[] => {
    const was = before.get(name);
    const is = after.get(name);
    if (was === undefined) return [{ name, change: 'added', before: null, after: is! }];
    if (is === undefined) return [{ name, change: 'removed', before: was, after: null }];
    return isSame(was, is) ? [] : [{ name, change: 'changed', before: was, after: is }];
  });
}
