import { ACCOUNT, arnOf, RESOURCE_KINDS, type TemplateResource } from './aws-resource.ts';

/** A value that nobody can know before AWS has made something; the message says what. */
export class Unresolvable extends Error {}

/** Stands where `AWS::NoValue` takes a property away. */
const NO_VALUE = Symbol('AWS::NoValue');

export interface TemplateParts {
  readonly region: string;
  readonly stack: string;
  readonly resources: Readonly<Record<string, TemplateResource>>;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly mappings?: Readonly<Record<string, unknown>>;
  readonly conditions?: Readonly<Record<string, unknown>>;
  /** What else a name may stand for: functions and APIs that the tool itself would make. `attribute` null: `Ref`. */
  readonly known?: (name: string, attribute: string | null) => string | null;
}

/** Calls of intrinsic functions, one within the other, beyond which a template is taken to be malicious. */
const depthMax = 100;

/** A CloudFormation template as far as its values can be known without AWS. */
export class Template {
  readonly #parts: TemplateParts;
  #depth = 0;

  constructor(parts: TemplateParts) {
    this.#parts = parts;
  }

  /**
   * A value with every intrinsic function in it evaluated; undefined for `AWS::NoValue`.
   * @throws Unresolvable
   */
  evaluate(value: unknown): unknown {
    const result = this.#value(value);
    return result === NO_VALUE ? undefined : result;
  }

  /**
   * The same as text, where a mapping or list is none.
   * @throws Unresolvable
   */
  text(value: unknown): string | undefined {
    const result = this.evaluate(value);
    if (result === undefined || result === null) return undefined;
    if (typeof result === 'object') throw new Unresolvable('it is no text');
    return String(result);
  }

  /** Whether a resource is made at all. @throws Unresolvable */
  holds(condition: string | undefined): boolean {
    if (condition === undefined) return true;
    const body = this.#parts.conditions?.[condition];
    if (body === undefined) throw new Unresolvable(`there is no condition "${condition}"`);
    return this.#value(body) === true;
  }

  /** The name that a resource has in AWS, or here when none is written. */
  nameOf(logicalId: string): string {
    const resource = this.#parts.resources[logicalId];
    const key = resource === undefined ? undefined : RESOURCE_KINDS[resource.Type]?.nameKey;
    const written = key === undefined ? undefined : resource?.Properties?.[key];
    return written === undefined ? logicalId : (this.text(written) ?? logicalId);
  }

  #value(value: unknown): unknown {
    if (this.#depth > depthMax) throw new Unresolvable('it refers to itself');
    this.#depth += 1;
    try {
      if (Array.isArray(value))
        return value.map((item) => this.#value(item)).filter((item) => item !== NO_VALUE);
      if (typeof value !== 'object' || value === null) return value;
      const entries = Object.entries(value);
      const [first] = entries;
      if (entries.length === 1 && first !== undefined && isIntrinsic(first[0]))
        return this.#call(first[0], first[1]);
      const evaluated = entries.map(([key, inner]): [string, unknown] => [key, this.#value(inner)]);
      return Object.fromEntries(evaluated.filter(([, inner]) => inner !== NO_VALUE));
    } finally {
      this.#depth -= 1;
    }
  }

  #call(name: string, argument: unknown): unknown {
    const list = (): unknown[] => {
      const value = this.#value(argument);
      if (!Array.isArray(value)) throw new Unresolvable(`${name} has no list`);
      return value;
    };
    switch (name) {
      case 'Ref':
        return this.#ref(String(this.#value(argument)));
      case 'Condition':
        return this.holds(String(argument));
      case 'Fn::GetAtt': {
        const [id = '', ...rest] = typeof argument === 'string' ? argument.split('.') : list().map(String);
        return this.#attribute(id, rest.join('.'));
      }
      case 'Fn::Sub':
        return this.#substitute(argument);
      case 'Fn::Join': {
        const [by, parts] = list();
        if (!Array.isArray(parts)) throw new Unresolvable('Fn::Join has no list');
        return parts.map(textOf).join(String(by));
      }
      case 'Fn::Select': {
        const [index, from] = list();
        const found = Array.isArray(from) ? from[Number(index)] : undefined;
        if (found === undefined) throw new Unresolvable('Fn::Select finds nothing');
        return found;
      }
      case 'Fn::Split': {
        const [by, text] = list();
        return textOf(text).split(String(by));
      }
      case 'Fn::Base64':
        return Buffer.from(textOf(this.#value(argument))).toString('base64');
      case 'Fn::If': {
        const [condition, yes, no] = Array.isArray(argument) ? argument : [];
        return this.#value(this.holds(String(condition)) ? yes : no);
      }
      case 'Fn::Equals': {
        const [a, b] = list();
        return JSON.stringify(a) === JSON.stringify(b) || String(a) === String(b);
      }
      case 'Fn::Not':
        return list()[0] !== true;
      case 'Fn::And':
        return list().every((each) => each === true);
      case 'Fn::Or':
        return list().some((each) => each === true);
      case 'Fn::FindInMap': {
        const [map, first, second] = list().map(String);
        const found = at(at(at(this.#parts.mappings, map), first), second);
        if (found === undefined) throw new Unresolvable(`the mapping ${map} has no ${first}.${second}`);
        return found;
      }
      case 'Fn::GetAZs':
        return ['a', 'b', 'c'].map((zone) => `${this.#parts.region}${zone}`);
      default:
        throw new Unresolvable(`only AWS can say what ${name} gives`);
    }
  }

  #ref(name: string): unknown {
    const { region, stack, parameters = {}, resources, known } = this.#parts;
    const pseudo: Readonly<Record<string, unknown>> = {
      'AWS::Region': region,
      'AWS::AccountId': ACCOUNT,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${ACCOUNT}:stack/${stack}`,
      'AWS::NoValue': NO_VALUE,
      'AWS::NotificationARNs': [],
    };
    if (Object.hasOwn(pseudo, name)) return pseudo[name];
    if (Object.hasOwn(parameters, name)) return parameters[name];
    const made = known?.(name, null);
    if (made !== undefined && made !== null) return made;
    const type = resources[name]?.Type;
    if (type === undefined) throw new Unresolvable(`there is no "${name}" in the file`);
    const kind = RESOURCE_KINDS[type];
    if (kind === undefined) throw new Unresolvable(`only AWS can say how it names "${name}" (${type})`);
    const own = this.nameOf(name);
    if (kind.ref === 'arn') return arnOf(kind, own, region);
    return kind.ref === 'url' ? `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${own}` : own;
  }

  #attribute(name: string, attribute: string): unknown {
    const { region, resources, known } = this.#parts;
    const made = known?.(name, attribute);
    if (made !== undefined && made !== null) return made;
    const type = resources[name]?.Type;
    if (type === undefined) throw new Unresolvable(`there is no "${name}" in the file`);
    const kind = RESOURCE_KINDS[type];
    const arn = kind === undefined ? null : arnOf(kind, this.nameOf(name), region);
    if (arn !== null && ['Arn', 'TopicArn'].includes(attribute)) return arn;
    if (arn !== null && attribute === 'StreamArn') return `${arn}/stream/latest`;
    if (['Name', 'QueueName', 'TopicName'].includes(attribute)) return this.nameOf(name);
    if (attribute === 'QueueUrl') return this.#ref(name);
    throw new Unresolvable(`only AWS can say what "${name}.${attribute}" is (${type})`);
  }

  /** `${Name}`, `${Name.Attribute}`, and `${!Literal}` in a text, with values of its own before all others. */
  #substitute(argument: unknown): string {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    const values = this.#value(own ?? {}) as Readonly<Record<string, unknown>>;
    return String(text).replace(/\$\{([^}]*)\}/g, (_, inner: string) => {
      const name = inner.trim();
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (Object.hasOwn(values, name)) return textOf(values[name]);
      const dot = name.indexOf('.');
      if (dot < 0) return textOf(this.#ref(name));
      return textOf(this.#attribute(name.slice(0, dot), name.slice(dot + 1)));
    });
  }
}

function isIntrinsic(name: string): boolean {
  return name === 'Ref' || name === 'Condition' || name.startsWith('Fn::');
}

function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    throw new Unresolvable('a list or mapping stands where a text must');
  return value === undefined || value === null || typeof value === 'symbol' ? '' : String(value);
}

function at(of: unknown, key: string | undefined): unknown {
  return typeof of === 'object' && of !== null && key !== undefined
    ? (of as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
