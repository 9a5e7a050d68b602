import { readFileSync } from 'node:fs';

/** Known without a file of services, too; the names and ports are IANA's. */
const KNOWN: Readonly<Record<string, number>> = {
  domain: 53,
  ftp: 21,
  http: 80,
  https: 443,
  imap: 143,
  imaps: 993,
  mysql: 3306,
  pop3: 110,
  pop3s: 995,
  postgresql: 5432,
  redis: 6379,
  smtp: 25,
  ssh: 22,
  submission: 587,
  telnet: 23,
};

let fromFile: ReadonlyMap<string, number> | undefined;

/** The TCP port of a service by its name, in any letter case; undefined for one that this machine does not know. */
export function portOfService(name: string): number | undefined {
  const lower = name.toLowerCase();
  fromFile ??= readServices();
  return fromFile.get(lower) ?? (Object.hasOwn(KNOWN, lower) ? KNOWN[lower] : undefined);
}

function readServices(): ReadonlyMap<string, number> {
  let text: string;
  try {
    text = readFileSync('/etc/services', 'utf8');
  } catch {
    // Windows and small containers have none.
    return new Map();
  }
  const ports = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name, port = '', ...aliases] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    const match = /^(\d+)\/tcp$/.exec(port);
    if (name === undefined || match === null) continue;
    for (const each of [name, ...aliases]) ports.set(each.toLowerCase(), Number(match[1]));
  }
  return ports;
}
