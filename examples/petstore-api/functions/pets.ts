import catalogue from '../data/pets.json' with { type: 'json' };
import { answer, type Context } from '../src/answer.ts';

/** `GET /pets`, `GET /pets/:id`: what there is, and what it costs. */
export default (request: Request, context: Context): Response => {
  const { id } = context.params;
  if (id !== undefined) {
    const pet = catalogue.find((one) => one.id === id);
    return pet === undefined
      ? answer(404, { error: `There is no pet ${id}.` }, context)
      : answer(200, pet, context);
  }
  const kind = new URL(request.url).searchParams.get('kind');
  return answer(200, { pets: catalogue.filter((pet) => kind === null || pet.kind === kind) }, context);
};
