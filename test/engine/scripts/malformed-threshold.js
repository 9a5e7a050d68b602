export const options = { thresholds: { http_req_duration: ['count>0'] } };

export default function () {}
