// The last step of a build: the library of schemas, hundreds of files, becomes the one file that its door is
// (harness/base/schemas.ts). Every command that reads a history starts in a third of the time.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './steps.mjs';

const file = join(root, 'dist', 'harness', 'base', 'schemas.js');
const license = readFileSync(join(root, 'node_modules', 'typebox', 'license'), 'utf8');
await build({
  entryPoints: [file],
  outfile: file,
  allowOverwrite: true,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  tsconfigRaw: {},
  // Its licence asks for this.
  banner: { js: `/*\n${license.trim()}\n*/` },
});
