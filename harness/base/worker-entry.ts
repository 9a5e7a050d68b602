/** The program of a thread, as it is handed to one that is to start it. */

/** What `new Worker` takes: the address of a file, or code with `eval`. */
export interface WorkerProgram {
  readonly program: string;
  readonly isCode: boolean;
}

/** The first argument of `new Worker`. */
export function workerEntry({ program, isCode }: WorkerProgram): URL | string {
  return isCode ? program : new URL(program);
}
