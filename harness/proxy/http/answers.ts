import { BY_HEADER } from '../../model/protocol.ts';
import type { AnswerStart } from './upstream.ts';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export interface OwnAnswer {
  readonly status: number;
  readonly detail: string;
  /** Replaces the problem body. */
  readonly body?: string;
  readonly close: boolean;
}

/** An answer in the proxy's own name: marked, so that nobody takes it for the server's. */
export function ownAnswer({ status, detail, body, close }: OwnAnswer): Buffer {
  const title = TITLES[status] ?? 'Answer';
  const problem = JSON.stringify({ type: 'about:blank', title, status, code: 'proxy', detail });
  const content = Buffer.from(body ?? problem);
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    `Content-Type: ${body === undefined ? 'application/problem+json' : 'application/json'}`,
    `Content-Length: ${content.length}`,
    `${BY_HEADER}: proxy`,
    ...(close ? ['Connection: close'] : []),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), content]);
}

/** The head of a replica's answer as the client gets it: the fields of the replica's connection are not for the client's. */
export function answerHead({ head }: AnswerStart, keepsAlive: boolean): string {
  // Our answer is HTTP/1.1 whatever the replica speaks.
  let text = `HTTP/1.1${head.start.slice(8)}\r\n`;
  for (const { name, raw } of head.fields) {
    if (name !== 'connection' && name !== 'keep-alive' && name !== 'proxy-connection') text += `${raw}\r\n`;
  }
  return `${text}${keepsAlive ? '' : 'Connection: close\r\n'}\r\n`;
}
