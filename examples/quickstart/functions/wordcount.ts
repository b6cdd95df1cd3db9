import { WordCount } from '../src/word-count.ts';

/** POST a text of any length: it is counted as it streams through, and never held as a whole. */
export default {
  async fetch(request: Request): Promise<Response> {
    const count = new WordCount();
    for await (const chunk of request.body ?? []) count.add(chunk);
    return Response.json(count.finish());
  },
};
