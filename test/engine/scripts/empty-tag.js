export const options = { thresholds: { 'iterations{scenario:}': ['count>0'] } };

export default function () {}
