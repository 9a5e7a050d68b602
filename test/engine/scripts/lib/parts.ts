export type Part = string;

export function join(parts: readonly Part[]): string {
  return parts.join('+');
}
