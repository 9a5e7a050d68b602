import { createHash, hmac, md5, randomBytes, sha256 } from 'k6/crypto';
import { b64decode, b64encode } from 'k6/encoding';

export const options = { vus: 1, iterations: 1 };

export default function () {
  const hasher = createHash('sha256');
  hasher.update('a');
  hasher.update('bc');
  console.log(
    JSON.stringify({
      sha256: sha256('abc', 'hex'),
      hashed: hasher.digest('hex'),
      md5: md5('abc', 'hex'),
      hmac: hmac('sha256', 'key', 'abc', 'base64'),
      url: sha256('abc', 'base64rawurl'),
      random: randomBytes(12).byteLength,
      b64: b64encode('a?>b'),
      b64url: b64encode('a?>b', 'rawurl'),
      back: b64decode('YT8-Yg', 'rawurl', 's'),
      uuid: crypto.randomUUID().length,
    }),
  );
}
