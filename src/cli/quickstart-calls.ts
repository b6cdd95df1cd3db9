import { formatSize } from './format.ts';
import type { GatewayAnswer } from './gateway-call.ts';
import { jpegSize } from './jpeg-size.ts';

/** One function of examples/quickstart: how to call it, and what its answer must show. */
export interface QuickstartCall {
  readonly function: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Request body, relative to the app's folder. */
  readonly file?: string;
  readonly type?: string;
  /** One line that shows that it worked. @throws Error saying what is wrong */
  prove(answer: GatewayAnswer, sent: Buffer): string;
}

const THUMBNAIL_SIDE_MAX = 320;

export const QUICKSTART_CALLS: readonly QuickstartCall[] = [
  {
    function: 'list',
    method: 'GET',
    path: '/list',
    prove: (answer) => {
      const list = jsonOf(answer);
      demand(Array.isArray(list) && list.length > 0, 'no array came back');
      return JSON.stringify(list);
    },
  },
  {
    function: 'hello',
    method: 'GET',
    path: '/hello?name=Ada',
    prove: (answer) => {
      const greeting = answer.body.toString('utf8').trim();
      demand(greeting.startsWith('Hello, Ada!'), `an odd greeting: ${greeting}`);
      demand(answer.parts > 1, 'it did not stream');
      return `"${greeting}" (${answer.parts} parts)`;
    },
  },
  {
    function: 'legacy',
    method: 'GET',
    path: '/legacy',
    prove: (answer) => {
      const { message, remainingMs } = jsonOf(answer) as { message?: unknown; remainingMs?: unknown };
      demand(
        typeof message === 'string' && typeof remainingMs === 'number',
        'the callback gave something else',
      );
      return `"${message}", ${remainingMs} ms left`;
    },
  },
  {
    function: 'thumbnail',
    method: 'POST',
    path: '/thumbnail',
    file: 'data/rocket.jpg',
    type: 'image/jpeg',
    prove: (answer, sent) => {
      const before = jpegSize(sent);
      const after = jpegSize(answer.body);
      demand(before !== null && after !== null, 'no JPEG came back');
      demand(Math.max(after.width, after.height) === THUMBNAIL_SIDE_MAX, 'it was not resized');
      const sizes = `${formatSize(sent.length)} → ${formatSize(answer.body.length)}`;
      return `${before.width} × ${before.height} → ${after.width} × ${after.height} pixels, ${sizes}`;
    },
  },
  {
    function: 'wordcount',
    method: 'POST',
    path: '/wordcount',
    file: 'data/opticks.txt',
    type: 'text/plain; charset=utf-8',
    prove: (answer, sent) => {
      const counted = jsonOf(answer) as { words?: number; bytes?: number; top?: { word: string }[] };
      const words = sent.toString('utf8').match(/\S+/g)?.length ?? 0;
      demand(counted.words === words, `it counted ${counted.words} words; there are ${words}`);
      demand(counted.bytes === sent.length, `it saw ${counted.bytes} bytes of ${sent.length}`);
      const top = (counted.top ?? []).slice(0, 3).map(({ word }) => word);
      return `${words} words in ${formatSize(sent.length)}; most often: ${top.join(', ')}`;
    },
  },
];

function jsonOf(answer: GatewayAnswer): unknown {
  return JSON.parse(answer.body.toString('utf8'));
}

function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
