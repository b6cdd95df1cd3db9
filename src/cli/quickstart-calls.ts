import type { GatewayAnswer } from './gateway-call.ts';

/** One function of examples/quickstart: how to call it, and what its answer must show. */
export interface QuickstartCall {
  readonly function: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Request body, relative to the app's folder. */
  readonly file?: string;
  readonly type?: string;
  /** One line that shows that it worked. @throws Error saying what is wrong */
  prove(answer: GatewayAnswer, sent: Buffer | undefined): string;
}

export const QUICKSTART_CALLS: readonly QuickstartCall[] = [
  {
    function: 'list',
    method: 'GET',
    path: '/list',
    prove: (answer) => {
      const list = jsonOf(answer) as unknown[];
      demand(Array.isArray(list) && list.length > 0, 'no array came back');
      return JSON.stringify(list);
    },
  },
];

function jsonOf(answer: GatewayAnswer): unknown {
  demand(answer.status === 200, 'the call failed');
  return JSON.parse(answer.body.toString('utf8'));
}

function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
