/** Who ends what was started when this process is killed: the environment's keeper. */
export interface Leftovers {
  readonly addChild: (name: string, pid: number) => void;
  readonly dropChild: (pid: number) => void;
  /** A folder below the system's temporary one. */
  readonly addFolder: (folder: string) => void;
}
