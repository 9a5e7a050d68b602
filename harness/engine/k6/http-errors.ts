/** Network errors in k6's words and numbers (k6 `lib/netext/httpext/error_codes.go`). */

export interface HttpFailure {
  readonly code: number;
  readonly text: string;
}

export const REQUEST_TIMEOUT: HttpFailure = { code: 1050, text: 'request timeout' };
export const NO_HOST: HttpFailure = { code: 1000, text: 'http: no Host in request URL' };
/** Go sends it as it is, and no server takes that; Node's client sends nothing of the kind. */
export const BLANK_IN_QUERY: HttpFailure = {
  code: 1000,
  text: 'a blank in the query of a URL is not sent by the embedded engine: write %20',
};

/** A name that the script's `blockHostnames` holds. */
export const BLOCKED_HOST: HttpFailure = { code: 1111, text: 'hostname is blocked' };

/** Neither http nor https. */
export function noScheme(scheme: string): HttpFailure {
  return { code: 1000, text: `unsupported protocol scheme ${JSON.stringify(scheme)}` };
}

/** A port that nobody can listen on. */
export function badPort(port: string): HttpFailure {
  return { code: 1210, text: `dial tcp: address ${port}: invalid port` };
}
/** The iteration ended with an exception while the request was on its way. */
export const CANCELED: HttpFailure = { code: 1000, text: 'context canceled' };

/** A redirect to nowhere. */
export function badLocation(location: string): HttpFailure {
  return { code: 1000, text: `failed to parse Location header ${JSON.stringify(location)}` };
}

/** As k6 says it of an address that it was told not to call. */
export function hostNotAllowed(host: string): HttpFailure {
  return { code: 1110, text: `${host} is no host that config or command line name` };
}

/** An answer that says it is compressed and is not, or that unpacks to more than is taken. */
export const BAD_COMPRESSION_CODE = 1701;

/** k6 has no such limit: it would run out of memory. */
export function tooLarge(maxBytes: number): HttpFailure {
  return { code: 1000, text: `the answer is larger than ${maxBytes} bytes` };
}

const BY_CODE: Readonly<Record<string, HttpFailure>> = {
  ERR_ADDRESS_BLOCKED: { code: 1110, text: 'ip is blacklisted' },
  ENOTFOUND: { code: 1101, text: 'lookup: no such host' },
  EAI_AGAIN: { code: 1100, text: 'lookup: temporary failure in name resolution' },
  EPIPE: { code: 1201, text: 'write: broken pipe' },
  ETIMEDOUT: { code: 1211, text: 'dial: i/o timeout' },
  UND_ERR_CONNECT_TIMEOUT: { code: 1211, text: 'dial: i/o timeout' },
  ECONNREFUSED: { code: 1212, text: 'dial: connection refused' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { code: 1000, text: 'unexpected EOF' },
  ECONNRESET: { code: 1220, text: 'read: connection reset by peer' },
  SELF_SIGNED_CERT_IN_CHAIN: { code: 1310, text: 'x509: unknown authority' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { code: 1310, text: 'x509: unknown authority' },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { code: 1310, text: 'x509: unknown authority' },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { code: 1310, text: 'x509: unknown authority' },
  ERR_TLS_CERT_ALTNAME_INVALID: { code: 1311, text: "x509: certificate doesn't match hostname" },
};

/** What k6 would say of an error of the connection. `hasHead`: the status line had arrived. */
export function failureOf(error: unknown, hasHead: boolean): HttpFailure {
  const code = codeOf(error);
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  // The other side closed in good order, without an answer or in the middle of one: Go's io.EOF.
  if (code === 'UND_ERR_SOCKET') return { code: 1000, text: hasHead ? 'unexpected EOF' : 'EOF' };
  if (code.startsWith('HPE_')) return { code: 1000, text: `malformed HTTP response: ${messageOf(error)}` };
  return { code: 1000, text: messageOf(error) };
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
