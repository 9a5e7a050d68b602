/** A probe as data: probe.json, and `--json`. Schema 1. */

import { blockText } from '../probe/block.ts';
import type { Probed } from '../probe/probed.ts';
import type { Told } from '../probe/probe.ts';
import { answerText, curlOf } from './probe-curl.ts';
import { observedText, sourcesOf } from './probe-words.ts';

export function probeData(probed: Probed): object {
  const { result, block, verdict, endpoint } = probed;
  return {
    schema: 1,
    endpoint,
    // Without a config nothing is promised: the profile of the bundled server is only what it plays.
    ...(verdict !== undefined && { verdict }),
    interrupted: result.isInterrupted,
    contract: result.contract,
    rows: result.told.map((told) => rowData(told, probed)),
    block: { profile: block.profile, ...block.rows, notSeen: block.open, text: blockText(block) },
    requests: result.requestCount,
    tookMs: Math.round(result.tookMs),
  };
}

function rowData(told: Told, { target }: Probed): object {
  const { row, standing, seen, why, promised, shown } = told;
  const { ietf, section, stripe } = sourcesOf(row.name);
  return {
    name: row.name,
    group: row.group,
    sends: row.sends,
    standing,
    ...(seen === undefined
      ? { notSeen: why }
      : {
          observed: {
            ...seen.did,
            text: observedText(told),
            ...(seen.trouble !== undefined && { trouble: seen.trouble }),
          },
        }),
    ...(promised !== undefined && { promised }),
    ietf: { says: ietf, ...(section !== undefined && { section }) },
    stripe,
    requests: shown.map((sent) => ({ curl: curlOf(sent, target), answer: answerText(sent) })),
  };
}
