import type { FastifyReply } from 'fastify';
import type { Answer } from './answers.ts';

/** Sends an answer as it is. */
export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply
    .code(answer.status)
    .headers({ ...answer.headers, 'content-type': answer.contentType })
    .send(answer.body);
}
