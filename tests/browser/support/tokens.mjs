// Room tokens as the bridge makes them, and as somebody would who is not the bridge: Ed25519 keys from a seed, JWTs.
import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';

/** The seed of the bridge's key in stories that make tokens themselves. */
export const SEED = '5f'.repeat(32);
export const OTHER_SEED = 'a1'.repeat(32);

const text = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The claims of a token; nothing is checked. */
export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString('utf8'));
}

/** A key pair from 64 hex digits: the private key, the public one as the bridge publishes it, and its id. */
export function keyOf(seed) {
  const key = createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex'), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return { key, x, kid: x.slice(0, 16) };
}

/** A token with these claims, signed by the key of a seed; `kid` may name another key. */
export function signed(claims, seed, kid = keyOf(seed).kid) {
  const body = `${text({ typ: 'JWT', alg: 'EdDSA', kid })}.${text(claims)}`;
  return `${body}.${sign(null, Buffer.from(body), keyOf(seed).key).toString('base64url')}`;
}

/** A token without a signature. */
export function unsigned(claims, kid, alg = 'none') {
  return `${text({ typ: 'JWT', alg, kid })}.${text(claims)}.`;
}

/** A token signed with the public key as if that were a shared secret. */
export function signedWithPublicKey(claims, { x, kid }) {
  const body = `${text({ typ: 'JWT', alg: 'HS256', kid })}.${text(claims)}`;
  return `${body}.${createHmac('sha256', Buffer.from(x, 'base64url')).update(body).digest('base64url')}`;
}

/** The same token with other claims and the old signature. */
export function altered(token, change) {
  const [head, , signature] = token.split('.');
  return `${head}.${text({ ...claimsOf(token), ...change })}.${signature}`;
}
