// The page, part 2: hashes and signatures. It uses what part 1 (page_bytes.js) defines.

// ── SHA-256, SHA-512, HMAC: FIPS 180-4, RFC 2104 ───────────────────────────
const PRIMES = [];
for (let n = 2; PRIMES.length < 80; n += 1) {
  if (PRIMES.every((p) => n % p)) PRIMES.push(n);
}
// fraction(n, k, bits): the first bits of the fractional part of the k-th root of n
function fraction(n, k, bits) {
  const goal = BigInt(n) << BigInt(bits * k);
  let low = 0n, high = BigInt(n) << BigInt(bits);
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** BigInt(k) <= goal) low = middle; else high = middle - 1n;
  }
  return BigInt.asUintN(bits, low);
}
const K256 = Uint32Array.from(PRIMES.slice(0, 64), (p) => Number(fraction(p, 3, 32)));
const H256 = Uint32Array.from(PRIMES.slice(0, 8), (p) => Number(fraction(p, 2, 32)));
const K512 = PRIMES.map((p) => fraction(p, 3, 64));
const H512 = PRIMES.slice(0, 8).map((p) => fraction(p, 2, 64));

function padded(data, block) {
  const all = new Uint8Array(Math.ceil((data.length + 1 + block / 8) / block) * block);
  all.set(data);
  all[data.length] = 0x80;
  new DataView(all.buffer).setBigUint64(all.length - 8, BigInt(data.length) * 8n);
  return new DataView(all.buffer);
}

function sha256(...parts) {
  const view = padded(join(...parts), 64), h = H256.slice(), w = new Uint32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  for (let start = 0; start < view.byteLength; start += 64) {
    for (let t = 0; t < 64; t += 1) {
      if (t < 16) { w[t] = view.getUint32(start + 4 * t); continue; }
      const x = w[t - 15], y = w[t - 2];
      w[t] = w[t - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[t - 7]
        + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
    }
    let [a, b, c, d, e, f, g, k] = h;
    for (let t = 0; t < 64; t += 1) {
      const one = (k + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K256[t] + w[t]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [k, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, k].forEach((x, at) => { h[at] += x; });
  }
  const out = new DataView(new ArrayBuffer(32));
  h.forEach((x, at) => out.setUint32(4 * at, x));
  return new Uint8Array(out.buffer);
}

function sha512(data) {
  const view = padded(data, 128), h = H512.slice(), w = [];
  const cut = (x) => BigInt.asUintN(64, x);
  const turn = (x, n) => (x >> n) | cut(x << (64n - n));
  for (let start = 0; start < view.byteLength; start += 128) {
    for (let t = 0; t < 80; t += 1) {
      if (t < 16) { w[t] = view.getBigUint64(start + 8 * t); continue; }
      const x = w[t - 15], y = w[t - 2];
      w[t] = cut(w[t - 16] + (turn(x, 1n) ^ turn(x, 8n) ^ (x >> 7n)) + w[t - 7]
        + (turn(y, 19n) ^ turn(y, 61n) ^ (y >> 6n)));
    }
    let [a, b, c, d, e, f, g, k] = h;
    for (let t = 0; t < 80; t += 1) {
      const one = k + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + ((e & f) ^ (cut(~e) & g)) + K512[t] + w[t];
      const two = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [k, g, f, e, d, c, b, a] = [g, f, e, cut(d + one), c, b, a, cut(one + two)];
    }
    [a, b, c, d, e, f, g, k].forEach((x, at) => { h[at] = cut(h[at] + x); });
  }
  return join(...h.map(u64));
}

function hmac(key, message) {
  const block = new Uint8Array(64);
  block.set(key);
  const inner = sha256(block.map((byte) => byte ^ 0x36), message);
  return sha256(block.map((byte) => byte ^ 0x5c), inner);
}

// ── Ed25519: the browser's own, or RFC 8032 §5.1 in plain code ─────────────
const P = 2n ** 255n - 19n, L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (x) => { const r = x % P; return r < 0n ? r + P : r; };
function power(base, exponent) {
  let found = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) found = mod(found * b);
  return found;
}
const D = mod(-121665n * power(121666n, P - 2n));
const little = (data) => BigInt(`0x${hex(data.slice().reverse())}`);
function add([a, b, c, d], [e, f, g, h]) {
  const i = mod((b - a) * (f - e)), j = mod((b + a) * (f + e)), k = mod(2n * d * h * D), l = mod(2n * c * g);
  const [m, n, o, p] = [j - i, l - k, l + k, j + i];
  return [mod(m * n), mod(o * p), mod(n * o), mod(m * p)];
}
function readPoint(data) {
  const raw = little(data), y = mod(BigInt.asUintN(255, raw));
  const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square)) x = mod(x * power(2n, (P - 1n) / 4n));
  if (mod(x * x - square)) return null;
  if ((x & 1n) !== raw >> 255n) x = P - x;
  return [x, y, 1n, mod(x * y)];
}
function plainEd25519(publicKey, message, signature) {
  if (signature.length !== 64) return false;
  const key = readPoint(publicKey), s = little(signature.slice(32));
  if (key === null || s >= L) return false;
  const base = readPoint(Uint8Array.from({ length: 32 }, (_, at) => (at ? 0x66 : 0x58)));
  const k = little(sha512(join(signature.slice(0, 32), publicKey, message))) % L;
  const minus = [P - key[0], key[1], 1n, P - key[3]];
  const table = [null, base, minus, add(base, minus)];
  let found = [0n, 1n, 1n, 0n];
  for (let at = 252n; at >= 0n; at -= 1n) {
    found = add(found, found);
    const step = table[Number(((s >> at) & 1n) | (((k >> at) & 1n) << 1n))];
    if (step) found = add(found, step);
  }
  const inverse = power(found[2], P - 2n), x = mod(found[0] * inverse), y = mod(found[1] * inverse);
  return little(signature.slice(0, 32)) === (y | ((x & 1n) << 255n));
}
async function ed25519(publicKey, message, signature) {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch {
    return plainEd25519(publicKey, message, signature);
  }
}

