/** `onceproof audit`: histories of scripts that ran without our command line are settled, read back, joined and judged. */

import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, usageError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { checkHistory } from '../checker/check-history.ts';
import { renderVerdict } from '../report/terminal.ts';
import { evidenceFrom, writeReports } from '../report/write.ts';
import { endpointOf, type AuditFlags } from './audited-endpoint.ts';
import type { Judgement } from './check.ts';
import { joinAndAudit } from './joining.ts';

/** Settles and reads back for histories that scripts printed elsewhere, joins all into one history, and judges it. */
export async function auditHistories(files: readonly string[], flags: AuditFlags): Promise<Judgement> {
  const endpoint = await endpointOf(flags);
  try {
    const dir = await auditFolder(flags);
    const historyFile = join(dir, 'history.ndjson');
    await joinAndAudit(files, flags, endpoint, historyFile).catch(async (error: unknown) => {
      await rm(dir, { recursive: true, force: true });
      throw error;
    });
    const verdict = await checkHistory([historyFile]);
    const evidence = await evidenceFrom(historyFile, verdict);
    await writeReports(dir, verdict, historyFile, ['json', 'html', 'junit', 'markdown'], evidence);
    return { verdict, text: renderVerdict(verdict, { evidence, report: dir, colour: flags.colour }) };
  } finally {
    await endpoint.close();
  }
}

async function auditFolder({ out, scenario }: AuditFlags): Promise<string> {
  if (out === '') throw usageError('out', 'has no name', { field: '--out', expected: 'a folder' });
  const dir = resolve(out, scenario, `audit-${randomBytes(4).toString('hex')}`);
  try {
    await makeFolder(dir);
    return dir;
  } catch (error) {
    throw usageError('out', 'cannot be written', {
      field: '--out',
      expected: 'a folder',
      found: messageOf(error),
    });
  }
}
