import { join, type Part } from './lib/parts.ts';

interface Data {
  readonly parts: readonly Part[];
}

export const options = { vus: 1, iterations: 1 };

export function setup(): Data {
  return { parts: ['a', 'b'] as const };
}

export default function (data: Data): void {
  console.log(JSON.stringify({ joined: join(data.parts) satisfies string }));
}
