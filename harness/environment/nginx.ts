/**
 * A real load balancer before the replicas: the system's nginx, as its own user, with its configuration, pid and
 * temporary files in a folder of ours. What it repeats at another replica nobody simulated.
 */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { harnessError } from '../base/errors.ts';
import { findProgram } from '../base/program.ts';
import { BY_HEADER } from '../model/protocol.ts';
import { startChild, type Child } from './child.ts';
import { TEMPORARY_PREFIX, type Keeper } from './keeper.ts';
import { until } from './store.ts';

export interface NginxOptions {
  readonly keeper: Keeper;
  readonly onLog: (text: string) => void;
  /** `host:port` of the hop before each replica, in order. */
  readonly upstreams: readonly string[];
  readonly repeatsPosts: boolean;
  /** Its own account of every request, one JSON text a line: whom it asked, and what each answered. */
  readonly accessLog: string;
}

export interface Nginx {
  /** `http://host:port` */
  readonly url: string;
  /** In words, e.g. `nginx 1.22.1`. */
  readonly description: string;
  readonly pid: number;
  readonly close: () => Promise<void>;
}

const START_LIMIT_MS = 10_000;
/** Shorter than a client of ours waits: nginx has given a silent replica up, and asked the next, before the client goes. ms. */
const READ_LIMIT_MS = 500;
/** What it answers when no replica does. */
const OWN_ERRORS = [500, 502, 503, 504] as const;

/** The system's nginx, or undefined. Distributions keep it where only root's PATH leads. */
export function findNginx(): string | undefined {
  return findProgram('nginx') ?? findProgram('nginx', ['/usr/sbin/nginx', '/usr/local/sbin/nginx']);
}

/** Starts it on a free port of 127.0.0.1; throws when it is not installed or does not come up. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const program = findNginx();
  if (program === undefined) {
    throw harnessError('nginx_missing', 'nginx is not installed', {
      field: '--lb',
      expected: 'nginx on the PATH (package nginx-light or nginx), or --lb none',
    });
  }
  const folder = mkdtempSync(join(tmpdir(), `${TEMPORARY_PREFIX}nginx-`));
  options.keeper.addFolder(folder);
  const { ports } = options.keeper;
  let port = await ports.take();
  // Another program can take the port between our look and the start.
  const child = await start(program, folder, port, options).catch(async () =>
    start(program, folder, (port = await ports.take()), options),
  );
  return {
    url: `http://127.0.0.1:${port}`,
    description: `nginx ${versionOf(program)}`,
    pid: child.pid,
    close: () => child.end(2000),
  };
}

async function start(program: string, folder: string, port: number, options: NginxOptions): Promise<Child> {
  const { keeper, onLog } = options;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, nginxConfig(folder, port, options));
  const child = await startChild({
    name: 'nginx',
    command: program,
    args: ['-p', folder, '-e', 'stderr', '-c', file],
    keeper,
    onLog,
  });
  const isUp = await until(async () => child.hasExited() || (await accepts(port)), START_LIMIT_MS);
  if (isUp && !child.hasExited()) return child;
  await child.end(0);
  throw harnessError('nginx_start_failed', `nginx did not come up on port ${port}: ${child.lastLog()}`);
}

/** One process in the foreground, nothing outside its folder: no root is needed, and its id is the child's. */
export function nginxConfig(
  folder: string,
  port: number,
  { upstreams, repeatsPosts, accessLog }: Pick<NginxOptions, 'upstreams' | 'repeatsPosts' | 'accessLog'>,
): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  // max_fails=0: no replica is left out after a failure, so that every fault meets the next request too.
  const servers = upstreams.map((address) => `    server ${address} max_fails=0;`);
  return `daemon off;
master_process off;
pid ${quoted(join(folder, 'nginx.pid'))};
error_log stderr error;
events { worker_connections 1024; }
http {
${temporary.map((name) => `  ${name}_temp_path ${quoted(join(folder, name))};`).join('\n')}
  log_format account escape=json '{"method":"$request_method","attempt":"$http_onceproof_attempt",'
    '"status":"$status","asked":"$upstream_addr","answers":"$upstream_status"}';
  access_log ${quoted(accessLog)} account;
  upstream replicas {
${servers.join('\n')}
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://replicas;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_connect_timeout ${READ_LIMIT_MS}ms;
      proxy_read_timeout ${READ_LIMIT_MS}ms;
      proxy_next_upstream error timeout http_502 http_503 http_504${repeatsPosts ? ' non_idempotent' : ''};
      proxy_next_upstream_tries ${upstreams.length};
      # Its own errors say whose they are; those of a replica pass as they came.
${OWN_ERRORS.map((status) => `      error_page ${status} @own-${status};`).join('\n')}
    }
${OWN_ERRORS.map(ownError).join('\n')}
  }
}
`;
}

function ownError(status: number): string {
  return `    location @own-${status} {
      add_header ${BY_HEADER} proxy always;
      return ${status};
    }`;
}

/** A path as one word of the configuration, whatever blanks are in it. */
function quoted(path: string): string {
  return `"${path.replace(/["\\$]/g, String.raw`\$&`)}"`;
}

function versionOf(program: string): string {
  // It tells its version on stderr.
  const { stderr } = spawnSync(program, ['-v'], { encoding: 'utf8' });
  return /nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown';
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(500, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('connect', () => finish(true));
  });
}
