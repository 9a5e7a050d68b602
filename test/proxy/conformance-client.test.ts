/** Every call of toxiproxy-node-client, and what it makes of the answers. */
import { ToxiproxyError, type Latency } from 'toxiproxy-node-client';
import { describe, expect } from 'vitest';
import { rigOf } from './conformance-rig.ts';
import { callApi, SUBJECTS } from './subjects.ts';

const LATENCY = {
  name: 'late',
  type: 'latency',
  stream: 'downstream',
  toxicity: 1,
  attributes: { latency: 5, jitter: 0 },
} as const;

describe.each(SUBJECTS)('toxiproxy-node-client drives $title', (kind) => {
  const { check, client, proxy, subject } = rigOf(kind);
  const asked = () => ({ name: 'q', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' });

  /** The toxics that are there, past the client: it keeps no list of them. */
  const listed = async () => (await callApi(subject(), 'GET', `/proxies/${proxy().name}/toxics`)).json;

  check('createProxy, get, getAll, toJson', async () => {
    const made = await client().createProxy(asked());
    const shown = {
      name: 'q',
      listen: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      upstream: '127.0.0.1:9',
      enabled: true,
    };
    expect(made.toJson()).toEqual(shown);
    expect((await client().get('q')).toJson()).toEqual(made.toJson());
    expect(Object.keys(await client().getAll()).toSorted()).toEqual([proxy().name, 'q'].toSorted());
    await made.remove();
    await expect(client().get('q')).rejects.toThrow(ToxiproxyError);
  });

  check('update', async () => {
    const { name, listen, upstream } = proxy();
    const down = await proxy().update({ listen, upstream, enabled: false });
    expect(down.toJson()).toMatchObject({ name, listen, enabled: false });
    const moved = await proxy().update({ listen, upstream: '127.0.0.1:10', enabled: true });
    expect(moved.toJson()).toMatchObject({ listen, upstream: '127.0.0.1:10', enabled: true });
  });

  check('populate', async () => {
    const made = await client().populate([asked(), { ...asked(), name: 'r' }]);
    expect(Object.keys(made).toSorted()).toEqual(['q', 'r']);
    await Promise.all(Object.values(made).map((each) => each.remove()));
  });

  check('addToxic, getToxic, toJson, update, remove', async () => {
    const toxic = await proxy().addToxic<Latency>(LATENCY);
    expect(toxic.toJson()).toEqual(LATENCY);
    expect((await proxy().getToxic<Latency>('late')).toJson()).toEqual(LATENCY);
    const changed = await toxic.update({ ...LATENCY, toxicity: 0.5, attributes: { latency: 7, jitter: 2 } });
    expect(changed.toJson()).toEqual({ ...LATENCY, toxicity: 0.5, attributes: { latency: 7, jitter: 2 } });
    expect(await listed()).toEqual([changed.toJson()]);
    await toxic.remove();
    await expect(proxy().getToxic('late')).rejects.toThrow(ToxiproxyError);
  });

  check('reset', async () => {
    await proxy().addToxic<Latency>(LATENCY);
    await client().reset();
    expect(await listed()).toEqual([]);
  });

  check('getVersion', async () => {
    expect(JSON.parse(await client().getVersion())).toEqual({ version: expect.any(String) });
  });

  check('what is refused is an error with the status', async () => {
    await expect(client().createProxy({ ...asked(), name: '' })).rejects.toThrow(/400/);
    await expect(client().createProxy({ ...asked(), name: proxy().name })).rejects.toThrow(/409/);
    await expect(client().get('nobody')).rejects.toThrow(/404/);
  });
});
