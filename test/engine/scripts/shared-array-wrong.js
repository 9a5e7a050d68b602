import { SharedArray } from 'k6/data';

export const rows = new SharedArray('rows', () => ({ not: 'an array' }));

export default function () {
  console.log(JSON.stringify({ event: 'iteration' }));
}
