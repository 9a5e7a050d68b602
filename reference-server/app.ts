/** The public HTTP face of one replica. */

import type { Socket } from 'node:net';
import bearerAuth from '@fastify/bearer-auth';
import swagger from '@fastify/swagger';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { PROFILES } from '../harness/model/contract.ts';
import type { Access, Actor } from './access.ts';
import { refusalAnswer, type PlainRefusal, type RefusalDetails, type RefusalRow } from './answers.ts';
import { docsPage } from './docs-page.ts';
import { createMetrics } from './metrics.ts';
import type { RedeemParts } from './redeem.ts';
import { addRoutes } from './routes.ts';
import { send } from './send.ts';
import { StoreUnavailable } from './store.ts';

export interface AppOptions {
  readonly parts: RedeemParts;
  readonly access: Access;
  /** Takes what went wrong on our side, one line each. */
  readonly log: (line: string) => void;
}

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor | null;
    /** The body as it was sent, where the contract tells payloads apart by their bytes. */
    sentBody: string | null;
  }
}

export type App = FastifyInstance;

export const LIMITS_OF_HTTP = {
  maxBodyBytes: 16_384,
  maxHeaderBytes: 16_384,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 72_000,
} as const;

/** Builds the app, not yet listening. */
export async function buildApp(options: AppOptions): Promise<App> {
  const { contract } = options.parts;
  const app = Fastify({
    logger: false,
    bodyLimit: LIMITS_OF_HTTP.maxBodyBytes,
    requestTimeout: LIMITS_OF_HTTP.requestTimeoutMs,
    keepAliveTimeout: LIMITS_OF_HTTP.keepAliveTimeoutMs,
    forceCloseConnections: 'idle',
    // What still comes on an open connection while closing is answered, then the connection is closed.
    return503OnClosing: false,
    http: { maxHeaderSize: LIMITS_OF_HTTP.maxHeaderBytes },
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: (error, socket) => answerRaw(error, socket),
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  // Only JSON: the built-in text parser would let a text/plain body through to the validation.
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('actor', null);
  app.decorateRequest('sentBody', null);
  if (contract.fingerprint === 'bytes' || options.parts.careless?.readsBodies === true) keepBodies(app);
  const refuse = (reply: FastifyReply, row: RefusalRow | PlainRefusal, details?: RefusalDetails) =>
    send(reply, refusalAnswer(contract, row, details));

  app.setErrorHandler((error, request, reply) => {
    const { row, details } = explain(error);
    if (row === 'internal') options.log(`${request.method} ${request.routeOptions.url}: ${describe(error)}`);
    return refuse(reply, row, details);
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, 'notFound'));

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Loyalty redemptions', version: '2.0.0', description: 'Reference redemption endpoint.' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    },
  });
  const metrics = createMetrics();
  addOperations(app, options, metrics);
  await app.register(async (api) => {
    await api.register(bearerAuth, {
      keys: [],
      verifyErrorLogLevel: 'silent',
      auth: (token, request) => authorise(options.access, token, request),
      errorResponse: () => ({ error: '' }),
      addHook: false,
    });
    const verify = api.verifyBearerAuth;
    if (!verify) throw new Error('bearer-auth did not decorate the app');
    api.addHook('onRequest', (request, reply, done) => {
      verify(request, reply, (error) => {
        if (error) void refuse(reply, 'badToken');
        else done();
      });
    });
    addRoutes(api.withTypeProvider<TypeBoxTypeProvider>(), options.parts, metrics, refuse);
  });
  return app;
}

/** Reads JSON as before, and keeps the text that it was read from. */
function keepBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    request.sentBody = String(body);
    void parse(request, String(body), done);
  });
}

function addOperations(
  app: App,
  { parts, log }: AppOptions,
  metrics: ReturnType<typeof createMetrics>,
): void {
  const hidden = { schema: { hide: true } } as const;
  app.get('/livez', hidden, async () => ({ status: 'ok' }));
  app.get('/readyz', hidden, async (_request, reply) => {
    try {
      await parts.store.ping();
      return { status: 'ok' };
    } catch (error) {
      log(`not ready: ${describe(error)}`);
      return send(reply, refusalAnswer(parts.contract, 'storeDown'));
    }
  });
  app.get('/metrics', hidden, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
  app.get('/openapi.json', hidden, async () => app.swagger());
  app.get('/docs', hidden, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(docsPage(app.swagger())),
  );
}

function authorise(access: Access, token: string, request: FastifyRequest): boolean {
  const actor = access.actorOf(token);
  request.actor = actor ?? null;
  return actor !== undefined;
}

interface Explained {
  readonly row: RefusalRow | PlainRefusal;
  readonly details?: RefusalDetails;
}

/** Which refusal an error is. What is not foreseen is ours. */
function explain(error: unknown): Explained {
  if (error instanceof StoreUnavailable) return { row: 'storeDown' };
  const { code, statusCode, validation, message } = error as {
    readonly code?: string;
    readonly statusCode?: number;
    readonly validation?: unknown;
    readonly message?: string;
  };
  if (validation) return { row: 'badBody', details: { detail: message ?? 'not valid' } };
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return { row: 'unsupportedMediaType' };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { row: 'tooLarge' };
  if (code === 'FST_ERR_REOPENED_CLOSE_SERVER' || code === 'FST_ERR_INSTANCE_ALREADY_CLOSED')
    return { row: 'closing' };
  if (statusCode === 503) return { row: 'closing' };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return { row: 'badBody', details: { detail: message ?? 'not valid' } };
  return { row: 'internal' };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What Node's parser refuses never becomes a request: the answer is written by hand. */
function answerRaw(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, body, contentType } = refusalAnswer(PROFILES.seed, rawRow(error.code));
  const head = [
    `HTTP/1.1 ${status} ${error.code === 'HPE_HEADER_OVERFLOW' ? 'Request Header Fields Too Large' : 'Refused'}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function rawRow(code: string | undefined): PlainRefusal {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headersTooLarge';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'requestTimeout' : 'badRequest';
}
