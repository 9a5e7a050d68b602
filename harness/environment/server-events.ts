/** What a server program says on stdout, one JSON object a line, and what the harness adds to it. */

export type ServerEvent =
  | {
      readonly event: 'listening';
      readonly replica: number;
      readonly url: string;
      readonly hooksUrl?: string;
      readonly pid: number;
    }
  /** An armed crash point was reached: the replica dies with this. */
  | {
      readonly event: 'crash';
      readonly replica: number;
      readonly at: number;
      readonly point: string;
      readonly customer?: string;
      readonly key?: string;
    }
  /** A redemption stands at an armed point until the arms are taken back. */
  | {
      readonly event: 'held';
      readonly replica: number;
      readonly at: number;
      readonly point: string;
      readonly customer?: string;
      readonly key?: string;
    }
  /** The replica answers again after a crash. */
  | { readonly event: 'recovered'; readonly replica: number; readonly at: number }
  /** Said by the harness: the process ended without being told to, and without an armed crash. */
  | {
      readonly event: 'exit';
      readonly replica: number;
      readonly at: number;
      readonly code: number | null;
      readonly signal: string | null;
      readonly log: string;
    };

export type ServerListener = (event: ServerEvent) => void;

/** Reads a line; undefined for anything that is not one of the events. */
export function readServerEvent(line: string): ServerEvent | undefined {
  const value = parsed(line);
  if (typeof value !== 'object' || value === null) return undefined;
  const { event, replica, at, url, hooksUrl, pid, point, customer, key } = value as Record<string, unknown>;
  if (typeof replica !== 'number') return undefined;
  if (event === 'listening' && typeof url === 'string' && typeof pid === 'number') {
    return { event, replica, url, pid, ...(typeof hooksUrl === 'string' && { hooksUrl }) };
  }
  if (typeof at !== 'number') return undefined;
  if (event === 'recovered') return { event, replica, at };
  if ((event !== 'crash' && event !== 'held') || typeof point !== 'string') return undefined;
  return {
    event,
    replica,
    at,
    point,
    ...(typeof customer === 'string' && { customer }),
    ...(typeof key === 'string' && { key }),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
