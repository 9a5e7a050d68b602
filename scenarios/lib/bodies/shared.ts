/** Steps that several scenarios take. */
import { judgeRefusal } from '../client.ts';
import { count } from '../counters.ts';
import { isRefusal, type Attempt, type Intent, type Story } from '../story.ts';
import { repeat } from '../ways/repeat.ts';

/** Sends attempts that leave together, judges their refusals, and counts what is seen of the race. */
export async function race(
  story: Story,
  sends: readonly ((together: number) => Promise<Attempt>)[],
  refusals: readonly unknown[] = [],
): Promise<readonly Attempt[]> {
  const answers = await Promise.all(sends.map((send) => send(sends.length)));
  count('overlaps_seen');
  const { inFlight } = story.contract;
  for (const answer of answers) {
    judgeRefusal(story, answer, [inFlight, ...refusals]);
    if (isRefusal(answer, inFlight)) count('in_progress_seen');
  }
  return answers;
}

/** The client has its 200 and sends the same once more: the very same answer must come, and nothing happen. */
export async function disbelieve(story: Story, intent: Intent): Promise<void> {
  // One that was found in the list, or done under another key, leaves this key what it is.
  const isRepetition = intent.attempts.some(({ outcome, key }) => outcome === 'ok' && key === intent.key);
  const { answer, mayRefuse } = await repeat(story, intent);
  if (answer === undefined || !isRepetition || (mayRefuse && answer.outcome === 'fail')) return;
  judgeRefusal(story, answer, []);
  noteReplay(intent);
}

/** Whether two answers can be about one redemption: one without a name contradicts none. */
export function namesTheSame(one: Attempt, two: Attempt | undefined): boolean {
  return one.redemption === undefined || two?.redemption === undefined || one.redemption === two.redemption;
}

/** Counts a replay when the last of several 200s of one key names the same redemption as an earlier one. */
export function noteReplay(intent: Intent): void {
  const oks = intent.attempts.filter(({ outcome }) => outcome === 'ok');
  const last = oks.at(-1);
  const isReplay = oks.some((ok) => ok !== last && ok.key === last?.key && namesTheSame(ok, last));
  if (isReplay) count('replays_seen');
}

/** An attempt without an answer, in an intent that was done all the same. */
export function noteLostAnswers(intent: Intent): void {
  if (intent.state !== 'done') return;
  const lost = intent.attempts.filter(({ outcome }) => outcome === 'info').length;
  if (lost > 0) count('lost_answers_seen', lost);
}

/** The answer that a client goes on from, when it sent several at once: a 200, else the one that says least. */
export function bestOf(answers: readonly Attempt[]): Attempt | undefined {
  return (
    answers.find(({ outcome }) => outcome === 'ok') ??
    answers.find(({ outcome }) => outcome === 'info') ??
    answers[0]
  );
}
