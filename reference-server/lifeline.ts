/**
 * What makes a simulated crash a crash: once it is cut, nothing that was under way goes on. Every await that
 * runs through it stays pending for ever and is garbage-collected with what waited for it.
 */

export class Lifeline {
  #isCut = false;

  cut(): void {
    this.#isCut = true;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Runs one asynchronous step; never settles when the line is cut before it or during it. */
  async carry<Value>(step: () => Promise<Value>): Promise<Value> {
    if (this.#isCut) return never();
    try {
      const value = await step();
      return this.#isCut ? await never() : value;
    } catch (error) {
      if (this.#isCut) return never();
      throw error;
    }
  }

  /** The same object, with each of its asynchronous methods carried by this line. */
  over<Target extends object>(target: Target): Target {
    return new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name, object);
        if (typeof member === 'function')
          return (...args: unknown[]) =>
            this.carry(async (): Promise<unknown> => Reflect.apply(member, object, args));
        return typeof member === 'object' && member !== null ? this.over(member) : member;
      },
    });
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
