interface Thing {
  readonly name: string;
}

function broken(thing: Thing): never {
  throw new TypeError(`no ${thing.name}`);
}

export default function (): void {
  broken({ name: 'balance' });
}
