import { answer, type Context, type Served } from '../src/answer.ts';
import { callApp } from '../src/call-app.ts';

interface Pet extends Served {
  readonly id: string;
  readonly name: string;
  readonly price: number;
  readonly stock: number;
}

/** `POST /orders` with `{pet, count}`: asks `pets` for the price, and says what it comes to. */
export default async (request: Request, context: Context): Promise<Response> => {
  const { pet: id, count } = (await request.json()) as { pet?: string; count?: number };
  if (typeof id !== 'string' || !Number.isInteger(count) || count! < 1) {
    return answer(400, { error: 'Say which pet, and how many: {"pet": "1", "count": 2}.' }, context);
  }
  const asked = await callApp(`/pets/${encodeURIComponent(id)}`);
  if (asked.status === 404) return answer(404, { error: `There is no pet ${id}.` }, context);
  const pet = (await asked.json()) as Pet;
  if (pet.stock < count!)
    return answer(409, { error: `${pet.name} is there ${pet.stock} times only.` }, context);
  const total = pet.price * count!;
  return answer(201, { pet: pet.name, count, total }, context, pet.releases);
};
