/** The envelope's attributes that every CloudEvent has. */
interface Attributes {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly source?: unknown;
  readonly specversion?: unknown;
  readonly [name: string]: unknown;
}

/** A CloudEvent as the SDK for JavaScript has it: attributes, extensions and `data` on one object. */
export class CloudEvent {
  readonly [name: string]: unknown;

  constructor(attributes: Attributes) {
    Object.assign(
      this,
      { specversion: '1.0', id: globalThis.crypto.randomUUID(), time: new globalThis.Date().toISOString() },
      attributes,
    );
  }

  /** @throws TypeError when an attribute that the specification requires is missing */
  validate(): boolean {
    if (!isCloudEvent(this))
      throw new TypeError('invalid payload: a CloudEvent needs id, type, source, specversion');
    return true;
  }

  cloneWith(changes: Attributes): CloudEvent {
    return new CloudEvent({ ...this.toJSON(), ...changes });
  }

  toJSON(): Record<string, unknown> {
    return { ...this };
  }

  toString(): string {
    return JSON.stringify(this);
  }
}

/** Whether a value says all that a CloudEvent has to; the SDK's own class, bundled by the author, does. */
export function isCloudEvent(value: unknown): value is Attributes {
  if (typeof value !== 'object' || value === null) return false;
  const { id, type, source, specversion } = value as Attributes;
  return (
    typeof id === 'string' &&
    typeof type === 'string' &&
    typeof source === 'string' &&
    typeof specversion === 'string'
  );
}

/** `context.cloudEventResponse(data).id(…).type(…).source(…).response()`. */
export class CloudEventResponse {
  readonly #attributes: Record<string, unknown>;

  constructor(data: unknown) {
    this.#attributes = { data };
  }

  version(specversion: string): this {
    this.#attributes.specversion = specversion;
    return this;
  }

  id(id: string): this {
    this.#attributes.id = id;
    return this;
  }

  type(type: string): this {
    this.#attributes.type = type;
    return this;
  }

  source(source: string): this {
    this.#attributes.source = source;
    return this;
  }

  response(): CloudEvent {
    return new CloudEvent(this.#attributes);
  }
}
