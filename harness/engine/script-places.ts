/** Places in a script's bundle, told as places in the script's own files. */
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { types } from 'node:util';

import { textOf } from './k6/text.ts';
import type { BuiltScript } from './script-bundle.ts';

/** The name that the bundle has in stacks. */
export function bundleName(script: string): string {
  return `${script}.bundle.cjs`;
}

export class ScriptPlaces {
  readonly filename: string;
  private readonly folder: string;
  private readonly map: SourceMap;

  constructor({ script, map }: BuiltScript) {
    this.filename = bundleName(script);
    this.folder = dirname(script);
    this.map = new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0]);
  }

  /** Message and stack of an error, bundle places turned into script places, the engine's own frames left out. */
  describe(error: unknown): string {
    if (!types.isNativeError(error)) return textOf(error);
    const head = `${error.name}: ${error.message}`;
    const frames = (error.stack ?? '').split('\n').filter((line) => line.includes(this.filename));
    return [head, ...frames.map((frame) => this.placed(frame))].join('\n');
  }

  /** `file:line:column` of a place in the bundle, both from 0; undefined when it is the bundler's own. */
  at(line: number, column: number): string | undefined {
    const entry = this.map.findEntry(line, column);
    if (!('originalSource' in entry)) return undefined;
    const file = resolve(this.folder, entry.originalSource);
    return `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  }

  private placed(frame: string): string {
    const place = /:(\d+):(\d+)\)?$/.exec(frame);
    const name = /at (?:async )?([\w.$<>]+) \(/.exec(frame)?.[1];
    const at = this.at(Number(place?.[1]) - 1, Number(place?.[2]) - 1);
    if (at === undefined) return frame;
    return name === undefined ? `\tat ${at}` : `\tat ${name} (${at})`;
  }
}
