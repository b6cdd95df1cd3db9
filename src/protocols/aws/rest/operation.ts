import type { IncomingHttpHeaders } from 'node:http';
import type { Static, TObject } from 'typebox';
import type { Role } from '../../../contract/control-api.ts';
import type { Principal } from '../../../controlplane/tokens/tokens.ts';
import type { Carved } from './text-carver.ts';

/** One call of an operation. `input` has been validated. */
export interface OperationCall<I> {
  readonly input: I;
  /** The raw body; nothing of operations whose body is JSON. */
  readonly body: Buffer;
  /** The text of the member that the operation's `carved` names, as JSON writes it, in parts that may be given away. */
  readonly carved: Carved['text'];
  readonly headers: IncomingHttpHeaders;
  readonly principal: Principal;
  readonly requestId: string;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
}

/** What is answered: a value as JSON, bytes as they are, or a stream of bytes; null: no body. */
export interface OperationAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object | Buffer | AsyncIterable<Uint8Array> | null;
}

/** One row of a REST API: where it is called, who may, what it takes, what it does. */
export interface OperationSpec<S extends TObject> {
  /** As the vendor names it: `GetFunction`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/2015-03-31/functions/{FunctionName}`; a query that must be there is part of it: `?find=LayerVersion`. */
  readonly path: string;
  /** Names of the query that are members of the input. */
  readonly query?: readonly string[];
  readonly access: Role;
  /** What policies and errors call it; the name unless said. */
  readonly action?: string;
  /** Members of the path, the query and the JSON body together. What it does not name is ignored, as AWS does. */
  readonly input: S;
  /** Default: `json`. */
  readonly body?: 'json' | 'bytes';
  /** The keys to a text member that may be very large: `run` gets it as `carved`, and as `''` in the input. */
  readonly carved?: readonly string[];
  /** Default: `JSON_BYTES_MAX` of the front. */
  readonly bodyBytesMax?: number;
  /** @throws AwsError */
  run(call: OperationCall<Static<S>>): Promise<OperationAnswer>;
}

/** An operation whose input's type is known to itself only. */
export type Operation = OperationSpec<TObject>;

/** Makes a row of the table: `run` takes its types from `input`. */
export function operation<S extends TObject>(spec: OperationSpec<S>): Operation {
  return spec as unknown as Operation;
}

export const answer = (status: number, body: object | null): OperationAnswer => ({ status, body });
