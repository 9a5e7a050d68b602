import http from 'k6/http';

http.setResponseCallback(http.expectedStatuses({ min: 200, max: 299 }, 409));

export const options = {
  vus: 1,
  iterations: 1,
  thresholds: {
    // 200 and 409 pass, 422 and 500 fail, the one without a callback is not counted.
    http_req_failed: ['rate==0.5'],
    'http_req_failed{name:allowed}': ['rate==0'],
    'http_reqs{expected_response:true}': ['count==2'],
    'http_reqs{status:422}': ['count==1'],
    http_reqs: ['count==5'],
  },
};

export default async function () {
  const post = (status, params) =>
    http.asyncRequest('POST', `${__ENV.BASE_URL}/status/${status}`, 'x', params);
  await post(200, {});
  await post(409, { tags: { name: 'allowed' } });
  await post(422, {});
  await post(500, {});
  await post(500, { responseCallback: null });
}
