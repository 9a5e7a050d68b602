/** One place where the embedded proxy does not do what Toxiproxy 2.12 does. */
export interface Difference {
  /** Short name; the conformance tests refer to it. */
  readonly name: string;
  readonly original: string;
  readonly ours: string;
}

/** Every known one: where the original has a defect, ours does the sane thing. */
export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'seed',
    original: '-seed has no effect; toxicity is rolled anew whenever a toxic or its neighbour changes',
    ours: 'toxicity is a hash of seed, proxy, connection number and toxic: the same in every run, whenever it is asked',
  },
  {
    name: 'half-close',
    original: 'an end of stream closes the whole other socket: a client that half-closes loses its answer',
    ours: 'an end of stream passes on as one; the other direction goes on',
  },
  {
    name: 'reset',
    original: 'a connection that was reset ends on the other side with an orderly close',
    ours: 'a reset passes on as a reset',
  },
  {
    name: 'slicer without attributes',
    original:
      'the process dies of endless recursion at the first chunk; so it does when the variation exceeds the average',
    ours: 'without an average size nothing is sliced; a slice never reaches outside its chunk',
  },
  {
    name: 'bandwidth 0',
    original: 'a rate of 0 blocks everything for ever',
    ours: 'a rate of 0 is no limit',
  },
  {
    name: 'timeout runs on',
    original: 'the time starts again with every chunk that is dropped',
    ours: 'the connection closes so long after the toxic met it',
  },
  {
    name: 'timeout removed',
    original: 'removing it closes also connections that it had not hit',
    ours: 'only those close that it hit: bytes are missing there',
  },
  {
    name: 'reset_peer',
    original:
      'at toxicity 0 it still makes closes into resets; added to an open connection it closes in order; the waiting cannot be interrupted',
    ours: 'it resets both sides of the connections that it hits, open ones too; removed in time, the held bytes pass on',
  },
  {
    name: 'listen address',
    original:
      '0.0.0.0:N reads back as [::]:N, so that populating again replaces the proxy and drops its toxics',
    ours: 'the address reads back as it was asked for, with the real port; populating again changes nothing',
  },
  {
    name: 'no listen address',
    original: 'opens a port on every interface',
    ours: 'opens a port on 127.0.0.1',
  },
  {
    name: 'fractions',
    original: 'attributes with a fraction or an exponent are a 400',
    ours: 'they are taken: half a millisecond is a time; a wait ends after 24.8 days at the latest',
  },
  {
    name: 'ranges',
    original: 'toxicity and attributes are not range-checked',
    ours: 'a toxicity outside 0 to 1 and a negative attribute are a 400',
  },
  {
    name: 'dialling',
    original: 'upstreams are dialled one after the other, in the loop that accepts',
    ours: 'upstreams are dialled side by side',
  },
  {
    name: 'HTTP toxics',
    original: 'their types are an invalid toxic type',
    ours: 'so they are on a proxy that carries bytes, and the answer adds on which proxies they work',
  },
  {
    name: 'hops',
    original: 'mode, upstreams and the other members of a hop are ignored',
    ours: 'they make the proxy a hop; a wrong one is a 400',
  },
  {
    name: 'half an update',
    original: 'an update that is refused for one attribute keeps those that were read before it',
    ours: 'it changes nothing',
  },
  {
    name: 'large bodies',
    original: 'a body may have any size',
    ours: 'one of more than 1 MiB is a 413',
  },
  {
    name: 'bad escapes',
    original: 'a path with a broken percent escape is refused before the API sees it, in plain text',
    ours: 'it is a 400 as any other, in JSON',
  },
  {
    name: 'double slashes',
    original: 'a path with a slash too many inside is redirected to the path without it',
    ours: 'it is unknown',
  },
  {
    name: 'metrics',
    original: 'bytes count when a connection ends, and only with -proxy-metrics',
    ours: 'bytes count as they flow, always',
  },
  {
    name: 'other metrics',
    original:
      'promhttp_metric_handler_errors_total is always there; with -runtime-metrics also go_ and process_ metrics',
    ours: 'bytes by proxy alone: of Node there is nothing to tell in those words',
  },
  {
    name: 'update of latency',
    original: 'the chunk that waits passes at once, whatever the new latency; those behind it wait anew',
    ours: 'every chunk that waits gets its new time, counted from when it came',
  },
  {
    name: 'Logger',
    original: 'every proxy object carries "Logger":{}',
    ours: 'it does not',
  },
  {
    name: 'names with a slash',
    original: 'can be created and then never reached',
    ours: 'are reached percent-encoded',
  },
  {
    name: 'empty upstream',
    original: 'an update may empty the upstream',
    ours: 'that is a 400, as it is at creation',
  },
  {
    name: 'trailing data',
    original: 'whatever follows the first JSON value of a body is ignored',
    ours: 'it makes the body a 400',
  },
];
