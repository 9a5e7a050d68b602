/** A promise that the script let go: the script's error, not this process's. */
import { RequestError } from './k6/http-outcome.ts';
import type { RunState } from './k6/run-state.ts';

/** Tells of them from now on. Returns what ends that; throws in the process whatever is not the script's. */
export function watchLetGo({
  bundle,
  log,
  exceptions,
}: Pick<RunState, 'bundle' | 'log' | 'exceptions'>): () => void {
  const onUnhandled = (error: unknown): void => {
    if (!isScriptsError(error)) throw error;
    const text = `Uncaught (in promise) ${bundle.describe(error)}`;
    log('error', text);
    exceptions.add(text);
  };
  process.on('unhandledRejection', onUnhandled);
  return () => void process.off('unhandledRejection', onUnhandled);
}

function isScriptsError(error: unknown): boolean {
  return (
    !(error instanceof Error) || error instanceof RequestError || (error.stack ?? '').includes('.bundle.cjs')
  );
}
