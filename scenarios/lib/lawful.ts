/**
 * What may be answered, and done, although it is not what was asked for: by the key's age, by the customer's past, by
 * copies that the network makes. What may be lawful is not counted; the checker, which sees the whole history, judges it.
 */
import { coversDuplicates, keyPhase, readKey, type Refusal } from '../../harness/model/contract.ts';
import { payloadHash } from '../../harness/model/redeem-request.ts';
import { isRefusal, namesIntents, type Attempt, type Intent, type Story } from './story.ts';

/** Of two clocks that run evenly one may be so much faster. */
const DRIFT = 0.01;

/** Whether a refusal is one that these rows promise, or one that circumstances allow. `unspecified` promises nothing. */
export function isLawfulRefusal(story: Story, answer: Attempt, rows: readonly unknown[]): boolean {
  if (answer.by === 'proxy') return true;
  return [...rows, ...allowedRows(story, answer)].some(
    (row) => row === 'unspecified' || isRefusal(answer, row),
  );
}

/** Rows that may refuse this request whatever it was sent for. */
function allowedRows(story: Story, answer: Attempt): readonly unknown[] {
  const { contract, settings } = story;
  const rows: unknown[] = [];
  // The checker knows when the store's clock jumped, a script does not.
  if (settings.hasClockJumps || mayHaveExpired(story, answer)) rows.push(contract.expiredKey);
  if (!isFirstUse(story, answer)) return rows;
  if (isTakenAgain(story, answer)) rows.push(contract.insufficientPoints);
  if (mayBeDuplicate(story, answer)) rows.push(contract.duplicateIntent);
  return rows;
}

/** A key may be over its time by the clock of the wall. Where a clock was moved whoever moved it knows the ages. */
function mayHaveExpired(story: Story, { key, payload, completedAt }: Attempt): boolean {
  const { ttlMs } = story.contract;
  if (ttlMs === 'unspecified' || story.hasMovedClock) return false;
  const sent = attemptsOf(story, payload.customer, key).map(({ invokedAt }) => invokedAt);
  return (completedAt - Math.min(...sent)) * (1 + DRIFT) >= ttlMs;
}

/** Nothing that had been answered by then says that this key was used; one that is none is used each time that it is taken. */
function isFirstUse(story: Story, { key, payload, invokedAt }: Attempt): boolean {
  const { contract } = story;
  const { kind } = readKey(contract, key);
  if (kind !== 'key') return !refuses(kind === 'missing' ? contract.missingKey : contract.malformedKey);
  return !attemptsOf(story, payload.customer, key).some(
    ({ outcome, completedAt }) => outcome === 'ok' && completedAt <= invokedAt,
  );
}

function attemptsOf({ contract, intents }: Story, customer: string, key: string | undefined): Attempt[] {
  const name = nameOf(contract, key);
  return intents
    .flatMap(({ attempts }) => attempts)
    .filter((attempt) => attempt.payload.customer === customer && nameOf(contract, attempt.key) === name);
}

/** Two spellings of one key have one name. */
function nameOf(contract: Story['contract'], key: string | undefined): string {
  const syntax = readKey(contract, key);
  return syntax.kind === 'key' ? `key ${syntax.key}` : `none ${key ?? ''}`;
}

/** Whether the customer was there before this iteration, and may have nothing left. */
export function isTakenAgain({ parties }: Story, { payload }: Pick<Attempt, 'payload'>): boolean {
  return !parties.some(({ id, isFresh }) => id === payload.customer && isFresh);
}

/** Without a name a request may be the same as an earlier one of its customer, by the fallback window. */
export function mayBeDuplicate(story: Story, { payload, key }: Pick<Attempt, 'payload' | 'key'>): boolean {
  if (payload.clientRedemptionId !== undefined) return false;
  if (isTakenAgain(story, { payload })) return true;
  // Whoever moves a clock knows whether the window is over.
  if (story.hasMovedClock) return false;
  return story.intents.some(
    (other) =>
      other.sentCount > 0 && other.key !== key && payloadHash(other.payload) === payloadHash(payload),
  );
}

/**
 * How many debits the contract lets an intent make until `at`, ms: a key that is new again lets it make more, and so does a
 * copy of its other key that comes when the fallback window is over.
 */
export function limitOf(story: Story, { payload, attempts, effectLimit }: Intent, at: number): number {
  const { contract, settings, hasMovedClock } = story;
  const [first] = attempts;
  if (first === undefined || hasMovedClock) return effectLimit;
  const age = at - Math.min(...attempts.map(({ invokedAt }) => invokedAt));
  const isNamed = payload.clientRedemptionId !== undefined && coversDuplicates(story.contract);
  const phase = keyPhase(contract, age * (1 + DRIFT));
  if (phase === 'new' && !isNamed) return Infinity;
  if (phase === 'unspecified' && contract.ttlMs !== 'unspecified') return Infinity;
  if (effectLimit === 0 || isNamed || !coversDuplicates(story.contract) || !settings.hasFaultyHop)
    return effectLimit;
  // The literal client makes keys of its own accord: that is what is to be seen.
  if (settings.client === 'seed-literal') return effectLimit;
  if (age * (1 + DRIFT) < contract.duplicateWindowMs) return effectLimit;
  return Math.max(effectLimit, new Set(attempts.map(({ key }) => nameOf(contract, key))).size);
}

/** Whether two intents that ask for the same are two to the contract: they have names, or no window takes them for one. */
export function keepsApart(story: Story): boolean {
  const { duplicateIntent, duplicateWindowMs } = story.contract;
  if (namesIntents(story)) return true;
  return duplicateIntent !== 'unspecified' && !(coversDuplicates(story.contract) && duplicateWindowMs > 0);
}

/** Whether a row refuses (it may also accept, or promise nothing). */
export function refuses(row: unknown): row is Refusal {
  return typeof row === 'object' && row !== null;
}
