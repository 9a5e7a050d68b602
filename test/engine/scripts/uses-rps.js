export const options = { rps: 5 };

export default function () {}
