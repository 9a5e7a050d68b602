/** What tests behind a real nginx share: why they cannot run here, and nginx's own account of what it did. */

import { readFileSync } from 'node:fs';
import { findNginx } from '../../harness/environment/nginx.ts';

/** Why real nginx tests cannot run here, or undefined. */
export const NO_NGINX: string | undefined = findNginx() === undefined ? 'nginx is not installed' : undefined;

/** One request as nginx booked it. */
export interface Booked {
  readonly method: string;
  /** Empty where the request was no attempt. */
  readonly attempt: string;
  /** What the client was answered; 499: it had gone. */
  readonly status: string;
  /** Addresses of the doors that were asked, in order. */
  readonly asked: readonly string[];
  /** What each answered; `-`: nothing. */
  readonly answers: readonly string[];
}

/** Reads an `nginx.log`; requests in the order of their ends. */
export function readNginxLog(file: string): readonly Booked[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const {
      method = '',
      attempt = '',
      status = '',
      asked,
      answers,
    } = JSON.parse(line) as Record<string, string>;
    // When every door has failed, it adds a try of the group itself, by name, that nobody was asked for.
    const tries = listOf(asked);
    const isDoor = tries.map((each) => each.includes(':'));
    return {
      method,
      attempt,
      status,
      asked: tries.filter((_, index) => isDoor[index]),
      answers: listOf(answers).filter((_, index) => isDoor[index]),
    };
  });
}

/** How often nginx sent a POST again by itself. */
export function repeatsOf(booked: readonly Booked[]): number {
  return booked
    .filter(({ method }) => method === 'POST')
    .reduce((sum, { asked }) => sum + Math.max(0, asked.length - 1), 0);
}

function listOf(text = ''): readonly string[] {
  return text.split(', ').filter((part) => part !== '');
}
