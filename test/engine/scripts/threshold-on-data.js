export const options = { thresholds: { data_sent: ['count<1000'] } };

export default function () {}
