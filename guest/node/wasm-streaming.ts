type Streaming = (source: unknown, ...rest: unknown[]) => Promise<unknown>;

/** The part of the standard's namespace that Node's types leave out. */
interface WasmFunctions {
  compile: Streaming;
  instantiate: Streaming;
  compileStreaming: Streaming;
  instantiateStreaming: Streaming;
}

/**
 * Lets `WebAssembly.compileStreaming` and `instantiateStreaming` take the guest's Responses: Node's own take only
 * those of Node's class. Everything else still goes to them.
 */
export function streamWasmFrom(isOwn: (value: unknown) => value is Response): void {
  const wasm = (globalThis as unknown as { WebAssembly: WasmFunctions }).WebAssembly;
  const { compile, instantiate } = wasm;
  const { compileStreaming: nodesCompile, instantiateStreaming: nodesInstantiate } = wasm;
  // Methods of an object: the bundler takes the name of a function that nobody calls by it.
  Object.assign(wasm, {
    async compileStreaming(source: unknown) {
      const response = await source;
      return isOwn(response) ? compile(await wasmOf(response)) : nodesCompile(response);
    },
    async instantiateStreaming(source: unknown, ...rest: unknown[]) {
      const response = await source;
      return isOwn(response)
        ? instantiate(await wasmOf(response), ...rest)
        : nodesInstantiate(response, ...rest);
    },
  });
}

async function wasmOf(response: Response): Promise<ArrayBuffer> {
  const type = response.headers.get('content-type');
  if (type !== 'application/wasm') throw refusal(`has unsupported MIME type '${type}'`);
  if (!response.ok) throw refusal(`has status code ${response.status}`);
  if (response.bodyUsed) throw refusal('body has already been used');
  return response.arrayBuffer();
}

function refusal(why: string): TypeError {
  return Object.assign(new TypeError(`WebAssembly response ${why}`), { code: 'ERR_WEBASSEMBLY_RESPONSE' });
}
