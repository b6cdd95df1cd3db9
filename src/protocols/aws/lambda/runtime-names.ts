/** What Mayfly runs it on, by AWS's name; of several, the first that the node has. */
const AWS_RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  'nodejs26.x': ['nodejs26'],
  'nodejs24.x': ['nodejs24'],
  'nodejs22.x': ['nodejs22', 'nodejs24'],
  'nodejs20.x': ['nodejs22', 'nodejs24'],
  'nodejs18.x': ['nodejs22', 'nodejs24'],
  'python3.14': ['python3'],
  'python3.13': ['python3'],
  'python3.12': ['python3'],
  'python3.11': ['python3'],
  'python3.10': ['python3'],
  'python3.9': ['python3'],
  'provided.al2023': ['provided'],
  'provided.al2': ['provided'],
};

/** AWS's name for a runtime of Mayfly's, for functions that were deployed otherwise; its own name where AWS has none. */
export function awsNameOf(runtime: string): string {
  return Object.entries(AWS_RUNTIMES).find(([, candidates]) => candidates[0] === runtime)?.[0] ?? runtime;
}
