/**
 * Scripts see nothing of the realm that the engine's own code is in. Should anything of it ever reach one, its functions make
 * no code of text there, where Node's globals are. Called once in each thread that runs scripts.
 */
export function closeRealm(): void {
  const kinds = [
    function (): void {},
    async function (): Promise<void> {},
    function* (): Generator {},
    async function* (): AsyncGenerator {},
  ];
  const refuse = (): never => {
    throw new Error('code of text is not made here');
  };
  for (const kind of kinds)
    Object.defineProperty(Object.getPrototypeOf(kind), 'constructor', { value: refuse, configurable: false });
}
