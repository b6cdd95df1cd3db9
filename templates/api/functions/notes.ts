import { first } from '../src/notes.ts';

/** GET lists, POST takes a note. An instance forgets when it ends: keep what must last in a store. */
export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method === 'GET') return Response.json([first]);
    const note = (await request.json().catch(() => null)) as { text?: unknown } | null;
    if (typeof note?.text !== 'string') {
      return Response.json({ error: 'Send {"text": "…"}.' }, { status: 400 });
    }
    console.log('new note', { length: note.text.length });
    return Response.json({ id: crypto.randomUUID(), text: note.text }, { status: 201 });
  },
};
