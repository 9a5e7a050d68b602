/** What a selftest leaves: its matrix as JSON, page and Markdown, and the commit that it was made of. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../base/program.ts';
import { markupWithoutSecrets, withoutSecrets } from '../base/secrets.ts';
import type { Detection } from '../model/detection.ts';
import { renderDetectionHtml } from '../report/detection-html.ts';
import { renderDetectionMarkdown } from '../report/detection-markdown.ts';

/** `selftest.json`, `report.html` and `detection.md` in the folder. */
export async function writeDetection(dir: string, detection: Detection): Promise<void> {
  const json = withoutSecrets(JSON.stringify(detection, null, 2));
  await writeFile(join(dir, 'selftest.json'), `${json}\n`);
  await writeFile(join(dir, 'report.html'), markupWithoutSecrets(renderDetectionHtml(detection)));
  await writeFile(join(dir, 'detection.md'), textWithoutSecrets(detection));
}

export function textWithoutSecrets(detection: Detection): string {
  return markupWithoutSecrets(renderDetectionMarkdown(detection));
}

/** The commit of the sources, with a `+` where they were changed since; undefined where they lie in no git repository. */
export async function commitOf(): Promise<string | undefined> {
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('git', args, { cwd: packageRoot(), timeout: 10_000 });
    return stdout.trim();
  };
  try {
    // An installed package lies in somebody else's repository, if in any.
    if ((await git('rev-parse', '--show-prefix')) !== '') return undefined;
    const commit = await git('rev-parse', '--short=12', 'HEAD');
    return (await git('status', '--porcelain', '--untracked-files=no')) === '' ? commit : `${commit}+`;
  } catch {
    return undefined;
  }
}
