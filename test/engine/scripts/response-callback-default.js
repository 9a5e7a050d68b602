import http from 'k6/http';

export const options = {
  vus: 1,
  iterations: 1,
  thresholds: {
    'http_reqs{expected_response:true}': ['count==2'],
    'http_reqs{expected_response:false}': ['count==3'],
    http_req_failed: ['rate==0.6'],
    'http_req_failed{status:0}': ['rate==1'],
  },
};

export default async function () {
  for (const status of [200, 399, 404, 500]) {
    await http.asyncRequest('POST', `${__ENV.BASE_URL}/status/${status}`, 'x');
  }
  await http.asyncRequest('POST', 'http://127.0.0.1:1/', 'x');
}
