import type { InvokeMessage } from '../../../../src/contract/guest-messages.ts';
import type { ExpressExchange } from '../../express/exchange.ts';
import { headerIn } from '../../header-fields.ts';

/** What says which event it is; undefined where nobody said it. */
export type Attributes = Readonly<
  Record<'event-type' | 'event-id' | 'event-time' | 'event-namespace', string | undefined>
>;

/** The first parameter of a function. */
export interface KubelessEvent extends Attributes {
  readonly data: unknown;
  readonly extensions: Pick<ExpressExchange, 'request' | 'response'>;
}

/** From the headers of a request, or from an event's envelope. */
export function attributesOf({ http, event = {}, id }: InvokeMessage): Attributes {
  if (http !== undefined) {
    return {
      'event-type': headerIn(http.headers, 'event-type'),
      'event-id': headerIn(http.headers, 'event-id'),
      'event-time': headerIn(http.headers, 'event-time'),
      'event-namespace': headerIn(http.headers, 'event-namespace'),
    };
  }
  const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));
  return {
    'event-type': text(event.type),
    'event-id': text(event.id) ?? id,
    'event-time': text(event.time) ?? new globalThis.Date().toISOString(),
    'event-namespace': text(event.source),
  };
}
