import { answer, type Context, type Served } from '../src/answer.ts';
import { callApp } from '../src/call-app.ts';

interface Order extends Served {
  readonly total: number;
}

/** `POST /checkout` with `{pet, count}`: places the order, adds what the shop takes for itself. `GET /health`. */
export default async (request: Request, context: Context): Promise<Response> => {
  if (request.method === 'GET') return answer(200, { ok: true }, context);
  const placed = await callApp('/orders', { method: 'POST', body: await request.text() });
  const order = (await placed.json()) as Order;
  if (placed.status !== 201) return answer(placed.status, order, context, order.releases);
  const fee = Math.max(1, Math.round(order.total * 0.02));
  return answer(200, { ...order, fee, toPay: order.total + fee }, context, order.releases);
};
