/** What a command may do to the outside: `cli.ts` gives it, so that no command touches the process itself. */

import type { Command } from 'commander';

/** Exit codes: a promise to users. */
export const EXIT = { valid: 0, invalid: 1, unknown: 2, harness: 3, usage: 4 } as const;

export interface Terminal {
  /** To stdout; a line end is added where there is none. */
  readonly print: (text: string) => void;
  /** To stderr; a line end is added where there is none. */
  readonly complain: (text: string) => void;
  /** Where progress is drawn. */
  readonly progress: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Whether what is printed may have colours. */
  readonly colour: boolean;
  /** Asks a person who sits there; absent: nobody does. An empty answer is the one that is offered. */
  readonly ask?: (question: string, offered: string) => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ctrl-C once aborts it, so that the work ends early and is still judged; twice ends at once. */
  readonly interruption: () => AbortSignal;
  /** What the process will end with. */
  readonly exit: (code: number) => void;
}

/** One command: its flags, and what it hands to `runs/`. */
export type CommandOf = (terminal: Terminal) => Command;
