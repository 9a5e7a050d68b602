/** The catalogue of wrong editions. A new one: a file beside this one, and its name in this list. */

import { balanceReadCheckWrite } from './balance-read-check-write.ts';
import { believesItsMarker } from './believes-its-marker.ts';
import { blankIsAKey } from './blank-is-a-key.ts';
import { checkThenAct } from './check-then-act.ts';
import { claimForADay } from './claim-for-a-day.ts';
import { comparesTheBeginning } from './compares-the-beginning.ts';
import { comparesTheImportant } from './compares-the-important.ts';
import { cutsKeys } from './cuts-keys.ts';
import { debitBeforeRecord } from './debit-before-record.ts';
import { debitWithoutRow } from './debit-without-row.ts';
import { duplicatesByMinute } from './duplicates-by-minute.ts';
import { duplicatesByPayload } from './duplicates-by-payload.ts';
import { duplicatesWaitForEver } from './duplicates-wait-for-ever.ts';
import { effectOnReplay } from './effect-on-replay.ts';
import { errorForgetsClaim } from './error-forgets-claim.ts';
import { eventRedelivered } from './event-redelivered.ts';
import { evictingStore } from './evicting-store.ts';
import { expiredKeyProcessed } from './expired-key-processed.ts';
import { expiredRunsUnclaimed } from './expired-runs-unclaimed.ts';
import { failsOpen } from './fails-open.ts';
import { fingerprintInKey } from './fingerprint-in-key.ts';
import { foldsCase } from './folds-case.ts';
import { globalKeyScope } from './global-key-scope.ts';
import { hashesTheText } from './hashes-the-text.ts';
import { headerByItsCase } from './header-by-its-case.ts';
import { keyIgnored } from './key-ignored.ts';
import { keyStorePerProcess } from './key-store-per-process.ts';
import { knowsNoSecondKey } from './knows-no-second-key.ts';
import { leaseNotFenced } from './lease-not-fenced.ts';
import { limitStored } from './limit-stored.ts';
import { lockThenExpire } from './lock-then-expire.ts';
import { loserGets500 } from './loser-gets-500.ts';
import { mismatchAsInFlight } from './mismatch-as-in-flight.ts';
import { mismatchFreesTheKey } from './mismatch-frees-the-key.ts';
import { missingKeyAccepted } from './missing-key-accepted.ts';
import { noFingerprint } from './no-fingerprint.ts';
import { noReplayMarker } from './no-replay-marker.ts';
import { noTimeLeftNoEnd } from './no-time-left-no-end.ts';
import { oneTooLate } from './one-too-late.ts';
import { partnerGetsNoKey } from './partner-gets-no-key.ts';
import { quotesCount } from './quotes-count.ts';
import { readsALaggingReplica } from './reads-a-lagging-replica.ts';
import { reaperTakesUnfinished } from './reaper-takes-unfinished.ts';
import { recordAfterReply } from './record-after-reply.ts';
import { refusalBeatsReplay } from './refusal-beats-replay.ts';
import { refusalStored } from './refusal-stored.ts';
import { refusedWriteCommitted } from './refused-write-committed.ts';
import { replayRenderedAnew } from './replay-rendered-anew.ts';
import { replaysAndRuns } from './replays-and-runs.ts';
import { replicaClock } from './replica-clock.ts';
import { restoresASnapshot } from './restores-a-snapshot.ts';
import { retriesHalf } from './retries-half.ts';
import { rewardBeforeItsRow } from './reward-before-its-row.ts';
import { rowWithoutDebit } from './row-without-debit.ts';
import { secondsForMilliseconds } from './seconds-for-milliseconds.ts';
import { shortLease } from './short-lease.ts';
import { showsTheFirstPayload } from './shows-the-first-payload.ts';
import { sticky5xx } from './sticky-5xx.ts';
import { swallowsStoreErrors } from './swallows-store-errors.ts';
import { sweptKeyInFlight } from './swept-key-in-flight.ts';
import { tokenInScope } from './token-in-scope.ts';
import { tombstoneForGood } from './tombstone-for-good.ts';
import { ttlRenewed } from './ttl-renewed.ts';
import { twoNamesForAKey } from './two-names-for-a-key.ts';
import { uniquePerDay } from './unique-per-day.ts';
import { urlInScope } from './url-in-scope.ts';
import { zeroIsNoAnswer } from './zero-is-no-answer.ts';
import type { Defect, DefectFacts } from './defect.ts';

export const DEFECTS: readonly Defect[] = [
  checkThenAct,
  debitBeforeRecord,
  recordAfterReply,
  shortLease,
  globalKeyScope,
  noFingerprint,
  balanceReadCheckWrite,
  expiredKeyProcessed,
  ttlRenewed,
  replicaClock,
  sticky5xx,
  loserGets500,
  refusedWriteCommitted,
  mismatchAsInFlight,
  sweptKeyInFlight,
  keyStorePerProcess,
  uniquePerDay,
  readsALaggingReplica,
  claimForADay,
  leaseNotFenced,
  noTimeLeftNoEnd,
  lockThenExpire,
  errorForgetsClaim,
  rewardBeforeItsRow,
  debitWithoutRow,
  rowWithoutDebit,
  retriesHalf,
  restoresASnapshot,
  reaperTakesUnfinished,
  partnerGetsNoKey,
  duplicatesWaitForEver,
  evictingStore,
  failsOpen,
  swallowsStoreErrors,
  refusalStored,
  limitStored,
  replayRenderedAnew,
  zeroIsNoAnswer,
  twoNamesForAKey,
  replaysAndRuns,
  noReplayMarker,
  tokenInScope,
  urlInScope,
  fingerprintInKey,
  hashesTheText,
  foldsCase,
  cutsKeys,
  blankIsAKey,
  quotesCount,
  headerByItsCase,
  missingKeyAccepted,
  keyIgnored,
  believesItsMarker,
  showsTheFirstPayload,
  tombstoneForGood,
  expiredRunsUnclaimed,
  oneTooLate,
  secondsForMilliseconds,
  knowsNoSecondKey,
  duplicatesByMinute,
  duplicatesByPayload,
  eventRedelivered,
  effectOnReplay,
  comparesTheImportant,
  comparesTheBeginning,
  mismatchFreesTheKey,
  refusalBeatsReplay,
];

/** The catalogue as plain data, for whoever starts this server as a program. */
export function defectCatalogue(): readonly DefectFacts[] {
  return DEFECTS.map(({ name, description, reason, rules, bugClasses, needs, way }) => ({
    name,
    description,
    reason,
    rules,
    bugClasses,
    needs,
    way,
  }));
}
