/** What the thread of a VU is started with. */
import type { WorkerProgram } from '../../base/worker-entry.ts';
import type { RunState } from '../k6/run-state.ts';
import type { ThreadTask } from './messages.ts';
import { packed } from './packed-items.ts';

/** What threads of VUs need of whoever makes them. */
export interface ThreadMaker {
  readonly program: WorkerProgram;
  readonly task: Pick<ThreadTask, 'built' | 'env'>;
  readonly stallMs: number;
  /** The thread does not turn any more. Resolves when it was looked at; true: it went on in the last moment. */
  readonly onStall: (threadName: string, pulse: SharedArrayBuffer) => Promise<boolean>;
  /** The thread failed by itself: the run is worth nothing. */
  readonly onError: (error: Error) => void;
}

/** How a thread is reached. */
type Lines = Pick<ThreadTask, 'pulse' | 'flags' | 'answers'>;

/** All that a run's init context has found, as plain data. `id`: the VU's in this process; `globalId`: in the whole test. */
export function threadTask(
  { options: { stripes: _stripes, ...options }, registry, sharedArrays }: RunState,
  { task }: ThreadMaker,
  { id, globalId }: Pick<ThreadTask, 'id' | 'globalId'>,
  lines: Lines,
): ThreadTask {
  const subs = [...registry.all()].map(
    ({ name, subs: own }) => [name, own.map(({ name: full, tags }) => ({ name: full, tags }))] as const,
  );
  return {
    ...task,
    options,
    id,
    globalId,
    subs: new Map(subs),
    sharedArrays: new Map([...sharedArrays].map(([name, items]) => [name, packed(items)])),
    ...lines,
  };
}
