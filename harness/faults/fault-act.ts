/** A fault that can be carried out here: `undo` may be called once, whatever became of `begin`. */
export interface FaultAct {
  /** Whom it hits, for the history: the proxy's or the process's name. */
  readonly target: string;
  /** Waits, bounded, for a moment at which it may begin; false when there is none. */
  readonly isPossible: () => Promise<boolean>;
  readonly begin: (note: NoteStoreClock) => Promise<void>;
  /** Resolves when the part works again, as far as the one before it can tell. */
  readonly undo: (note: NoteStoreClock) => Promise<void>;
}

/** Writes into the history how far the store's clock is ahead of the machine's now, ms. */
export type NoteStoreClock = (aheadMs: number) => void;
