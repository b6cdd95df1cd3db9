import { first } from '../src/notes.ts';

export default {
  fetch(request: Request): Response {
    const id = new URL(request.url).pathname.split('/').at(-1);
    if (id === first.id) return Response.json(first);
    return Response.json({ error: `There is no note ${id}.` }, { status: 404 });
  },
};
