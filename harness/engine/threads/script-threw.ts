/** What a script's code threw in a thread of its own: told there, where its places are known. */
export class ScriptThrew extends Error {
  /** Message and stack, with places in the script's own files. */
  readonly described: string;

  constructor(message: string, described: string) {
    super(message);
    this.described = described;
  }
}
