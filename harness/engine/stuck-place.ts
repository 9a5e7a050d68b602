/** Where in the script a thread is that does not turn any more: Node's own inspector stops it and looks. */
import { Session } from 'node:inspector';
import { pathToFileURL } from 'node:url';

import type { ScriptPlaces } from './script-places.ts';

/** A thread that does not even answer the inspector is not waited for. */
const PATIENCE_MS = 5_000;

const [ENABLE, PAUSE, GO_ON] = [1, 2, 3];

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
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly callFrames?: readonly Frame[];
    readonly scriptId?: string;
    readonly url?: string;
  };
}

/** `threadName`: as it was started. `function (file:line:column)` in the script's own files; undefined when it cannot be told. */
export async function placeInThread(threadName: string, places: ScriptPlaces): Promise<string | undefined> {
  const session = new Session();
  let timer: NodeJS.Timeout | undefined;
  try {
    session.connect();
    const paused = new Promise<Pause | undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
      pause(session, threadName, pathToFileURL(places.filename).href, resolve);
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

function pause(session: Session, threadName: string, bundle: string, onPaused: (pause: Pause) => void): void {
  const ofScript = new Set<string>();
  let goOn = (): void => undefined;
  let frames: readonly Frame[] = [];
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    // Numbers of threads are the inspector's own, where a loader has threads as well.
    if (!params.workerInfo.title.endsWith(threadName)) return;
    const ask = (id: number, method: string): void =>
      session.post('NodeWorker.sendMessageToWorker', {
        sessionId: params.sessionId,
        message: JSON.stringify({ id, method }),
      });
    ask(ENABLE, 'Debugger.enable');
    ask(PAUSE, 'Debugger.pause');
    goOn = () => ask(GO_ON, 'Debugger.disable');
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const said = JSON.parse(params.message) as FromThread;
    const { callFrames, scriptId = '', url } = said.params ?? {};
    if (said.method === 'Debugger.scriptParsed' && url === bundle) ofScript.add(scriptId);
    if (said.method === 'Debugger.paused') {
      frames = callFrames ?? [];
      // A thread that stands still here could not even be ended.
      goOn();
    }
    if (said.id === GO_ON) onPaused({ frames, ofScript });
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
