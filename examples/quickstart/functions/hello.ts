import { setTimeout as pause } from 'node:timers/promises';

const PARTS = ['Hello', ', ', 'NAME', '!', ' This', ' came', ' in', ' parts', '.\n'];

/** Greets `?name=`, part by part: each one leaves when it is there. */
export default {
  fetch(request: Request): Response {
    const name = new URL(request.url).searchParams.get('name') ?? 'world';
    return new Response(ReadableStream.from(greet(name)), {
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
  },
};

async function* greet(name: string): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const part of PARTS) {
    yield encoder.encode(part === 'NAME' ? name : part);
    await pause(5);
  }
}
