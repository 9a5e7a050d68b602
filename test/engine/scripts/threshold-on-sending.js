export const options = { thresholds: { http_req_sending: ['avg<1000'] } };

export default function () {}
