import http from 'k6/http';

export const options = { vus: 1, iterations: 1, userAgent: 'agent/1' };

const at = (path) => `${__ENV.BASE_URL}${path}`;

export default async function () {
  const show = (name, value) => console.log(JSON.stringify({ name, value }));
  const json = await http.asyncRequest('POST', at('/echo?a=1'), JSON.stringify({ a: 1 }), {
    headers: { 'Content-Type': 'application/json', 'idempotency-key': 'k-1', 'X-Number': 5 },
  });
  const { headers, body } = json.json();
  show('json', {
    type: headers['content-type'],
    key: headers['idempotency-key'],
    number: headers['x-number'],
    agent: headers['user-agent'],
    body,
  });
  show('canonical', json.headers['Idempotent-Replayed']);
  show('lower', json.headers['idempotent-replayed'] === undefined);
  show('selector', [json.json('list.1.id'), json.json('list.#'), json.json('method')]);
  show('status', [json.status, json.status_text, json.proto, json.error, json.error_code]);
  show('timings', json.timings.duration > 0 && json.timings.waiting > 0);
  show('form', (await http.asyncRequest('POST', at('/echo'), { b: 'x y', a: [1, 2] })).json('body'));
  show('form type', (await http.asyncRequest('POST', at('/echo'), { b: 1 })).json('headers.content-type'));
  show(
    'bytes',
    (await http.asyncRequest('POST', at('/echo'), new Uint8Array([104, 105]).buffer)).json('body'),
  );
  show('get', (await http.asyncRequest('GET', at('/echo'))).json('method'));
  show('delete', (await http.asyncRequest('DELETE', at('/echo'))).json('method'));
  show('head', (await http.asyncRequest('HEAD', at('/echo'))).body);
  show('twice', (await http.asyncRequest('GET', at('/twice'))).headers['X-Twice']);
  show('gzip', (await http.asyncRequest('GET', at('/gzip'))).body);
  show(
    'binary',
    new Uint8Array((await http.asyncRequest('GET', at('/gzip'), null, { responseType: 'binary' })).body)
      .length,
  );
  show('none', (await http.asyncRequest('GET', at('/echo'), null, { responseType: 'none' })).body);
  const set = await http.asyncRequest('GET', at('/cookie'));
  show('cookie', set.cookies.session[0].value);
  show('cookie sent', (await http.asyncRequest('GET', at('/echo'))).json('headers.cookie'));
  show(
    'own cookie',
    (await http.asyncRequest('GET', at('/echo'), null, { cookies: { own: 'x' } }))
      .json('headers.cookie')
      .split('; ')
      .sort(),
  );
  show('sent', [json.request.method, json.request.body, json.request.headers['Idempotency-Key'][0]]);
}
