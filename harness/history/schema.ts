/**
 * The schemas of the history's events. `history.ts` holds the same shapes as types, free of dependencies;
 * the last lines here make the compiler refuse any difference between the two.
 */

import { Type, type Static, type TSchema } from '../base/schemas.ts';
import type { RecordedContract } from '../model/contract.ts';
import { SWEEP_KINDS, SWEEP_WAYS } from '../model/stand.ts';
import type { Capabilities, HistoryEvent } from './events.ts';

const text = Type.String();
const maybeText = Type.Optional(text);
const number = Type.Number();
const maybeNumber = Type.Optional(number);
const flag = Type.Boolean();
const count = Type.Integer({ minimum: 0 });

const unspecified = Type.Literal('unspecified');
const refusal = Type.Object({ status: Type.Integer({ minimum: 100, maximum: 599 }), code: maybeText });
const refusalRow = Type.Union([refusal, unspecified]);
const flagRow = Type.Union([flag, unspecified]);
const tryAgain = Type.Object({ statuses: Type.Array(count), max: count, withinMs: number });

/** The whole profile, resolved, as a `run` event carries it. */
export const contractSchema = Type.Object({
  profile: text,
  keyHeader: text,
  keyMaxLength: count,
  quotedKeysEqual: flagRow,
  keyScope: Type.Optional(
    Type.Union([Type.Literal('customer'), Type.Literal('path'), Type.Literal('global'), unspecified]),
  ),
  missingKey: Type.Union([refusal, Type.Literal('accept'), unspecified]),
  malformedKey: refusalRow,
  inFlight: Type.Union([refusal, Type.Literal('wait'), unspecified]),
  waitsFirst: Type.Optional(flag),
  fingerprint: Type.Optional(
    Type.Union([Type.Literal('members'), Type.Literal('bytes'), Type.Literal('none'), unspecified]),
  ),
  otherPayload: refusalRow,
  expiredKey: Type.Union([refusal, Type.Literal('new'), unspecified]),
  ttlMs: Type.Union([number, unspecified]),
  tombstoneMs: number,
  tombstoneFrom: Type.Optional(Type.Union([Type.Literal('acceptance'), Type.Literal('expiry')])),
  leaseMs: Type.Optional(Type.Union([number, unspecified])),
  replayMarker: text,
  replayEquality: Type.Union([Type.Literal('bytes'), Type.Literal('redemption'), unspecified]),
  replayState: Type.Optional(Type.Union([Type.Literal('first'), Type.Literal('latest'), unspecified])),
  duplicateIntent: Type.Union([refusal, Type.Literal('replay'), Type.Literal('uncovered'), unspecified]),
  duplicateWindowMs: number,
  insufficientPoints: refusalRow,
  storesInsufficientPoints: flagRow,
  storesRefusals: Type.Optional(flagRow),
  storesServerErrors: flagRow,
  storeDown: refusalRow,
  tryAgain: Type.Optional(Type.Union([tryAgain, Type.Literal('never'), unspecified])),
  unknownCustomer: refusalRow,
  unknownReward: refusalRow,
  badBody: refusalRow,
  badToken: refusalRow,
  otherCustomersData: refusalRow,
  unsupportedMediaType: refusalRow,
  clockScope: Type.Optional(Type.Union([Type.Literal('customer'), Type.Literal('common')])),
});

const capabilitiesSchema = Type.Object({
  balance: flag,
  redemptions: flag,
  ledger: flag,
  clock: flag,
  provision: flag,
  credit: flag,
  crash: flag,
  failNext: Type.Optional(flag),
  otherPayload: Type.Optional(flag),
  processes: flag,
  store: flag,
  arrivals: flag,
  replicas: count,
  resends: Type.Optional(flag),
});

const faultKind = Type.Union([
  Type.Literal('edge'),
  Type.Literal('store-path'),
  Type.Literal('server'),
  Type.Literal('store'),
  Type.Literal('clock'),
]);

const spot = { door: text, k: count, name: text };
const words = <const T extends readonly string[]>(list: T) => Type.Enum([...list] as T[number][]);

const sweep = Type.Object({
  depth: count,
  stands: Type.Array(
    Type.Object({
      id: text,
      ...spot,
      kind: words(SWEEP_KINDS),
      way: words(SWEEP_WAYS),
      after: Type.Optional(
        Type.Object({
          ...spot,
          kind: Type.Union([
            Type.Literal('cut-before'),
            Type.Literal('cut-after'),
            Type.Literal('kill-before'),
            Type.Literal('kill-after'),
          ]),
        }),
      ),
    }),
  ),
  known: count,
  left: Type.Array(Type.Object({ kind: text, why: text })),
  ways: Type.Array(
    Type.Object({ way: words(SWEEP_WAYS), messages: Type.Array(Type.Object(spot)), uncounted: count }),
  ),
});

const listed = Type.Object({
  redemption: text,
  clientRedemptionId: maybeText,
  reward: maybeText,
  points: maybeNumber,
  status: maybeText,
});

const debit = Type.Object({
  redemption_id: text,
  points: number,
  at_ms: number,
  idempotency_key: maybeText,
  client_redemption_id: maybeText,
});

const reward = Type.Object({ redemption: text, reward: text });

const observed = {
  type: Type.Literal('observe'),
  at: number,
  until: number,
  customer: text,
  via: Type.Union([Type.Literal('script'), Type.Literal('audit')]),
};

const run = Type.Object({
  type: Type.Literal('run'),
  schema: Type.Literal(1),
  runId: text,
  seed: text,
  scenario: text,
  engine: text,
  proxy: text,
  store: text,
  contract: contractSchema,
  target: text,
  capabilities: capabilitiesSchema,
  startedAt: number,
  faults: Type.Object({
    profile: text,
    kinds: Type.Array(faultKind),
    names: Type.Optional(Type.Array(text)),
    impossible: maybeText,
  }),
  unshown: Type.Optional(Type.Array(words(['redemptions', 'balance', 'ledger']))),
  listLagMs: maybeNumber,
  pointers: Type.Optional(Type.Record(text, text)),
  segments: Type.Optional(Type.Array(Type.String({ pattern: '^\\d+(/\\d+)?:\\d+(/\\d+)?$' }))),
  traceUrl: maybeText,
  clock: Type.Optional(Type.Object({ aheadMs: number, uncertaintyMs: number, source: text })),
  joined: Type.Optional(
    Type.Object({ processes: count, shiftsMs: Type.Array(number), uncertaintyMs: number, unasked: count }),
  ),
  client: text,
  defect: maybeText,
  service: Type.Optional(count),
  sweep: Type.Optional(sweep),
});

const invoke = Type.Object({
  type: Type.Literal('invoke'),
  at: number,
  attempt: text,
  intent: text,
  key: Type.Optional(Type.Union([text, Type.Array(text)])),
  customer: text,
  reward: text,
  points: number,
  redemptionType: maybeText,
  clientRedemptionId: maybeText,
  payloadHash: text,
  bodyHash: maybeText,
  via: Type.Union([Type.Literal('script'), Type.Literal('raw'), Type.Literal('settle')]),
  actor: maybeText,
  way: maybeText,
  mayRefuse: Type.Optional(Type.Literal(true)),
});

const complete = Type.Object({
  type: Type.Literal('complete'),
  at: number,
  attempt: text,
  outcome: Type.Union([Type.Literal('ok'), Type.Literal('fail'), Type.Literal('info')]),
  status: maybeNumber,
  code: maybeText,
  redemption: maybeText,
  customer: maybeText,
  balance: maybeNumber,
  replayed: Type.Optional(flag),
  bodyHash: maybeText,
  retryAfterMs: maybeNumber,
  by: Type.Union([Type.Literal('server'), Type.Literal('proxy')]),
  error: maybeText,
  step: Type.Optional(count),
  polls: Type.Optional(count),
  leaks: Type.Optional(Type.Array(text)),
});

const arrival = Type.Object({
  type: Type.Literal('arrival'),
  at: number,
  hop: text,
  attempt: maybeText,
  key: maybeText,
  copy: count,
  upstream: maybeText,
  endedAt: maybeNumber,
  answer: maybeNumber,
  isPending: Type.Optional(flag),
  replayed: Type.Optional(flag),
  redemption: maybeText,
  faults: Type.Optional(Type.Array(text)),
  undone: Type.Optional(Type.Record(text, text)),
});

const fault = Type.Object({
  type: Type.Literal('fault'),
  at: number,
  phase: Type.Union([Type.Literal('start'), Type.Literal('end')]),
  id: text,
  name: text,
  kind: faultKind,
  target: text,
  detail: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  error: maybeText,
});

const clock = Type.Object({
  type: Type.Literal('clock'),
  at: number,
  customer: maybeText,
  valueMs: number,
  frozen: flag,
  next: Type.Optional(Type.Object({ valueMs: number, frozen: flag })),
});

const credit = Type.Object({
  type: Type.Literal('credit'),
  at: number,
  customer: text,
  points: number,
  made: Type.Optional(Type.Literal(true)),
  asked: Type.Optional(Type.Literal(true)),
});

const observe = Type.Union([
  Type.Object({ ...observed, what: Type.Literal('balance'), value: number }),
  Type.Object({ ...observed, what: Type.Literal('redemptions'), value: Type.Array(listed) }),
  Type.Object({ ...observed, what: Type.Literal('ledger'), value: Type.Array(debit) }),
  Type.Object({ ...observed, what: Type.Literal('rewards'), value: Type.Array(reward) }),
]);

const retire = Type.Object({ type: Type.Literal('retire'), at: number, customer: text });
const audited = Type.Object({
  type: Type.Literal('audited'),
  at: number,
  customer: text,
  gone: Type.Optional(Type.Literal(true)),
  again: maybeText,
});
const end = Type.Object({
  type: Type.Literal('end'),
  at: number,
  reason: text,
  exceptions: Type.Optional(Type.Array(Type.Object({ message: text, place: maybeText, count: number }))),
  counts: Type.Record(Type.String(), number),
});

/** One schema for each event type, by name. Members that it does not know are allowed. */
export const eventSchemas = {
  run,
  invoke,
  complete,
  arrival,
  fault,
  clock,
  credit,
  observe,
  retire,
  audited,
  end,
} as const satisfies Record<HistoryEvent['type'], TSchema>;

export type EventType = keyof typeof eventSchemas;

/** A schema's type with the `readonly` that the history's types carry. */
type Read<T> = T extends readonly (infer Item)[]
  ? readonly Read<Item>[]
  : T extends object
    ? { readonly [Member in keyof T]: Read<T[Member]> }
    : T;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

type Agrees<Name extends EventType> = Same<
  Read<Static<(typeof eventSchemas)[Name]>>,
  Read<Extract<HistoryEvent, { type: Name }>>
>;

/** Compiles only while schemas and types say the same. */
export const schemasAgree: { readonly [Name in EventType]: Agrees<Name> } & {
  readonly contract: Same<Read<Static<typeof contractSchema>>, RecordedContract>;
  readonly capabilities: Same<Read<Static<typeof capabilitiesSchema>>, Capabilities>;
} = {
  run: true,
  invoke: true,
  complete: true,
  arrival: true,
  fault: true,
  clock: true,
  credit: true,
  observe: true,
  retire: true,
  audited: true,
  end: true,
  contract: true,
  capabilities: true,
};
