/** Where in the script a thread is that does not turn any more: Node's own inspector stops it and looks. */
import { Session } from 'node:inspector';
import { pathToFileURL } from 'node:url';

import type { ScriptPlaces } from './script-places.ts';

/** A thread that does not even answer the inspector is not waited for. */
const PATIENCE_MS = 5_000;

interface Frame {
  readonly functionName: string;
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

interface Pause {
  readonly frames: readonly Frame[];
  /** Numbers of the pieces of code that the script's bundle is; one for each realm. */
  readonly ofScript: ReadonlySet<string>;
}

interface FromThread {
  readonly method?: string;
  readonly params?: {
    readonly callFrames?: readonly Frame[];
    readonly scriptId?: string;
    readonly url?: string;
  };
}

/** `function (file:line:column)` in the script's own files; undefined when it cannot be told. */
export async function placeInThread(threadId: number, places: ScriptPlaces): Promise<string | undefined> {
  const session = new Session();
  let timer: NodeJS.Timeout | undefined;
  try {
    session.connect();
    const paused = new Promise<Pause | undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
      pause(session, threadId, pathToFileURL(places.filename).href, resolve);
    });
    return placeOf(await paused, places);
  } catch {
    // Another debugger is at work, say.
    return undefined;
  } finally {
    clearTimeout(timer);
    session.disconnect();
  }
}

function pause(session: Session, threadId: number, bundle: string, onPaused: (pause: Pause) => void): void {
  const ofScript = new Set<string>();
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    if (params.workerInfo.workerId !== String(threadId)) return;
    const ask = (id: number, method: string): void =>
      session.post('NodeWorker.sendMessageToWorker', {
        sessionId: params.sessionId,
        message: JSON.stringify({ id, method }),
      });
    ask(1, 'Debugger.enable');
    ask(2, 'Debugger.pause');
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const said = JSON.parse(params.message) as FromThread;
    const { callFrames: frames = [], scriptId = '', url } = said.params ?? {};
    if (said.method === 'Debugger.scriptParsed' && url === bundle) ofScript.add(scriptId);
    if (said.method === 'Debugger.paused') onPaused({ frames, ofScript });
  });
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
}

function placeOf(pause: Pause | undefined, places: ScriptPlaces): string | undefined {
  for (const { functionName, location } of pause?.frames ?? []) {
    if (pause?.ofScript.has(location.scriptId) !== true) continue;
    const at = places.at(location.lineNumber, location.columnNumber);
    if (at !== undefined) return functionName === '' ? at : `${functionName} (${at})`;
  }
  return undefined;
}
