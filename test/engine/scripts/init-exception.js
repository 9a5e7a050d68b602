export default function () {}

throw new Error('at the top level');
