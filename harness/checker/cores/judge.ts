/** A history judged by several threads at once: the same verdict as one gives, to the last letter. */

import type { HistoryBytes } from '../../history/bytes.ts';
import { wholeContract } from '../../model/contract.ts';
import type { Verdict } from '../../model/verdict.ts';
import { Findings } from '../findings.ts';
import { Incidents, incidentsOf } from '../incidents.ts';
import { Histogram } from '../latency.ts';
import { KEPT_STRANGE } from '../namespaces.ts';
import { PointerLog } from '../pointers.ts';
import { verdictOf } from '../summing-up.ts';
import type { Crew } from './crew.ts';
import { Cursor } from './cursor.ts';
import { assertFirstOpinions, joinFindings, joinGroups, tellingsOf } from './join.ts';
import type { PartResult } from './part.ts';
import { Sequencer } from './sequencer.ts';
import { Unusual } from './unusual.ts';

/** Throws `Unusual` for whatever one thread has to look at, or to complain of. */
export async function judgeByParts(files: readonly HistoryBytes[], crew: Crew): Promise<Verdict> {
  const cursors = files.map((file, index) => new Cursor(file, crew, files.length > 1 ? index : undefined));
  try {
    const sequencer = new Sequencer(crew);
    await sequence(cursors, sequencer, crew);
    const torn = cursors.filter((cursor) => cursor.torn).map(({ path }) => path);
    return await sumUp(torn, sequencer, crew);
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
}

async function sequence(all: readonly Cursor[], sequencer: Sequencer, crew: Crew): Promise<void> {
  for (const cursor of all) if (!(await cursor.fill())) throw new Unusual('an empty file');
  assertOneRun(all);
  for (const { facts, line } of all) if (facts.event?.type === 'run') sequencer.began(facts.event, line);
  const cursors: Cursor[] = [];
  for (const cursor of all) if (cursor.next() || (await cursor.fill())) cursors.push(cursor);
  while (cursors.length > 0) {
    const cursor = earliest(cursors);
    if (sequencer.isLater(cursor.at)) {
      for (let held = sequencer.due(); held !== undefined; held = sequencer.due()) {
        if (held.asked > 0) await crew.settled();
        sequencer.judge(held);
      }
    }
    sequencer.take(cursor.facts, cursor.line);
    if (!cursor.next() && !(await cursor.fill())) cursors.splice(cursors.indexOf(cursor), 1);
    if (crew.isBehind) await crew.caughtUp();
  }
}

/** Of equal ones the first. */
function earliest(cursors: readonly Cursor[]): Cursor {
  let best = cursors[0] as Cursor;
  for (let index = 1; index < cursors.length; index++) {
    const next = cursors[index] as Cursor;
    if (next.at < best.at) best = next;
  }
  return best;
}

function assertOneRun(cursors: readonly Cursor[]): void {
  const runs = cursors.map(({ facts: { event } }) => {
    if (event?.type !== 'run') throw new Unusual('a file that begins otherwise');
    return `${event.runId} ${JSON.stringify(wholeContract(event.contract))}`;
  });
  if (runs.some((run) => run !== runs[0])) throw new Unusual('several runs');
}

async function sumUp(torn: readonly string[], sequencer: Sequencer, crew: Crew): Promise<Verdict> {
  const { findings, sweep, deaths, early, run } = sequencer;
  for (const file of torn) {
    sequencer.at();
    findings.doubt('torn', file);
  }
  await crew.settled();
  for (const held of sequencer.left()) sequencer.judge(held, true);
  sequencer.at();
  early.judge(findings);
  const results = await tellStrangeNames(sequencer.at() + 1, crew);
  findings.place = sequencer.at() + KEPT_STRANGE + 1;
  const pointers = new PointerLog();
  if (run) pointers.run(run, run.contract);
  pointers.join(results.map((result) => result.pointers));
  pointers.doubt(findings);
  const incidents = new Incidents((subject) => sweep.kindAt(subject));
  if (run?.service !== undefined) {
    for (const violation of deaths.violations()) findings.violate(violation);
    const kept = new Map(findings.violations.map((violation, index) => [violation, index]));
    incidents.add(findings.takeFresh(), undefined, (violation) => kept.get(violation) ?? -1, findings.place);
  }
  const parts = [...results.map((result) => result.findings), findings.part()];
  const joined = Findings.of(joinFindings(parts));
  const grouped = joinGroups([...results.map((result) => result.incidents), incidents.part()], parts);
  const [latency, spread] = [new Histogram(), new Histogram()];
  for (const result of results) {
    latency.add(result.latency);
    spread.add(result.spread);
  }
  return verdictOf({
    run,
    runs: sequencer.runs,
    processes: sequencer.processes,
    ends: sequencer.ends,
    lastAt: sequencer.now,
    findings: joined,
    incidents: incidentsOf(grouped),
    sweep: sweep.summary(joined.violations),
    read: sequencer.read,
    latency,
    spread,
  });
}

/** What the parts found, with the strange names that say something, as the whole run tells. */
async function tellStrangeNames(place: number, crew: Crew): Promise<readonly PartResult[]> {
  const results = await crew.finish();
  assertFirstOpinions(results);
  const tellings = tellingsOf(results, place);
  return tellings.some((each) => each.length > 0) ? await crew.tell(tellings) : results;
}
