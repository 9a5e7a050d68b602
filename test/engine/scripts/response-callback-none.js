import http from 'k6/http';

http.setResponseCallback(null);

export const options = {
  vus: 1,
  iterations: 1,
  thresholds: {
    http_reqs: ['count==3'],
    'http_reqs{expected_response:true}': ['count==1'],
    'http_reqs{expected_response:false}': ['count==0'],
    'http_req_failed{status:500}': ['rate==0'],
    http_req_failed: ['rate==0'],
  },
};

export default async function () {
  await http.asyncRequest('POST', `${__ENV.BASE_URL}/status/500`, 'x');
  await http.asyncRequest('POST', `${__ENV.BASE_URL}/status/200`, 'x');
  await http.asyncRequest('POST', `${__ENV.BASE_URL}/status/404`, 'x', {
    responseCallback: http.expectedStatuses(404),
  });
}
