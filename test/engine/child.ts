/** Runs one script with the embedded engine and then does nothing more: the process ends when nothing is open. */
import { runEmbedded } from '../../harness/engine/embedded.ts';

const [script = '', url = ''] = process.argv.slice(2);
const result = await runEmbedded({
  script,
  env: { BASE_URL: url },
  onLine: (line) => process.stdout.write(`${line}\n`),
  onLog: (level, text) => process.stderr.write(`${level}: ${text}\n`),
});
process.exitCode = result.exitCode;
