/** Processes of a benchmark: each is told by messages what to be, and answers each with one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { programArguments } from '../harness/base/program.ts';

export function startChild(program: string): ChildProcess {
  const { command, args } = programArguments(program);
  return spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** Throws when the process ends instead of answering. */
export async function ask<Answer>(child: ChildProcess, task: object): Promise<Answer> {
  const stop = new AbortController();
  const { signal } = stop;
  const answered = once(child, 'message', { signal }).then(([answer]) => answer as Answer);
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a process of the benchmark ended with code ${String(code)}`);
  });
  child.send(task);
  try {
    return await Promise.race([answered, ended]);
  } finally {
    stop.abort();
    await Promise.allSettled([answered, ended]);
  }
}
