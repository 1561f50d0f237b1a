"use strict";
// A third verifier of docs/proof-format.md, for a browser without network. It shares no code with
// the other two and gives the same report. Ed25519 is the browser's own where it has it and plain
// code where not; ML-DSA-44 is not checked here. Numbers above 2^53 - 1 are refused.

const PROVEN = "proven", NOT_PROVEN = "not proven", FAILED = "failed";
const ALONE = "time and completeness rest on the operator alone";
const SKEW = 300, MAX_SECONDS = 253402300799, MAX_FILE = 8388608, MAX_ITEMS = 1024;
const ED25519 = 1, COSIGNATURE = 4, ML_DSA_44 = 6;
const KEY_BYTES = { 1: 32, 4: 32, 6: 1312 };

class Fault extends Error {}
class Float { constructor(text) { this.value = Number(text); } }
const refuse = (text) => { throw new Fault(text); };

// ── bytes, base64, decimals, JSON ──────────────────────────────────────────
const utf8 = (text) => /\p{Surrogate}/u.test(text)
  ? refuse("the text is not valid Unicode") : new TextEncoder().encode(text);
const join = (...parts) => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
};
const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
const u64 = (number) => {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, BigInt(number));
  return data;
};
const b64 = (data) => btoa(String.fromCharCode(...data));
const bytesOf = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

function unb64(text, length) {
  let data;
  try { data = bytesOf(text); } catch { refuse("a value is not base64"); }
  let again = "";
  for (let at = 0; at < data.length; at += 3000) again += b64(data.subarray(at, at + 3000));
  if (again !== text) refuse("a value is not canonical base64");
  if (length !== undefined && data.length !== length) {
    refuse(`a base64 value holds ${data.length} bytes instead of ${length}`);
  }
  return data;
}

function unb64url(text) {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) refuse("a value is not base64url");
  return bytesOf(text.replaceAll("-", "+").replaceAll("_", "/"));
}

function decimal(text) {
  const plain = /^(0|[1-9][0-9]{0,18})$/.test(text);
  if (!plain || !Number.isSafeInteger(Number(text))) refuse("a number is not a plain decimal");
  return Number(text);
}

function parseJson(text) {
  let at = 0;
  const wrong = () => refuse("the text is not JSON");
  const blank = () => { while (" \t\n\r".includes(text[at] ?? "x")) at += 1; };
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return null;
    at = pattern.lastIndex;
    return found[0];
  };
  const string = () => {
    const raw = take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y) ?? wrong();
    const value = JSON.parse(raw);
    utf8(value);
    return value;
  };
  const number = () => {
    const raw = take(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y) ?? wrong();
    if (!/^-?[0-9]+$/.test(raw)) {
      return Number.isFinite(Number(raw)) ? new Float(raw) : refuse("a JSON number is not finite");
    }
    const long = raw.length > 21 || BigInt.asUintN(64, BigInt(raw.replace("-", ""))) !== BigInt(raw.replace("-", ""));
    if (long) refuse("a JSON number is beyond 64 bits");
    return Number.isSafeInteger(Number(raw)) ? Number(raw) + 0 : BigInt(raw);
  };
  const value = (depth) => {
    if (depth > 16) refuse("the JSON is nested too deeply");
    blank();
    if (text[at] === "{") return object(depth);
    if (text[at] === "[") return list(depth);
    if (text[at] === '"') return string();
    const word = take(/true|false|null/y);
    return word === null ? number() : JSON.parse(word);
  };
  const object = (depth) => {
    const found = new Map();
    at += 1;
    blank();
    if (text[at] === "}") { at += 1; return found; }
    for (;;) {
      blank();
      if (depth > 15) refuse("the JSON is nested too deeply");
      const name = string();
      blank();
      if (text[at] !== ":") wrong();
      at += 1;
      if (found.has(name)) refuse("a JSON member is named twice");
      found.set(name, value(depth + 1));
      blank();
      at += 1;
      if (text[at - 1] === "}") return found;
      if (text[at - 1] !== ",") wrong();
    }
  };
  const list = (depth) => {
    const found = [];
    at += 1;
    blank();
    if (text[at] === "]") { at += 1; return found; }
    for (;;) {
      found.push(value(depth + 1));
      blank();
      at += 1;
      if (text[at - 1] === "]") return found;
      if (text[at - 1] !== ",") wrong();
    }
  };
  const found = value(1);
  blank();
  return at === text.length ? found : wrong();
}

const plain = (value) => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, plain(v)]));
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Float) return value.value;
  return typeof value === "bigint" ? String(value) : value;
};

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

// ── the tree: RFC 6962, verified as in RFC 9162 §2.1 ───────────────────────
const EMPTY_ROOT = sha256();
const byte = (...values) => Uint8Array.from(values);
const leafHash = (data) => sha256(byte(0), data);
const nodeHash = (left, right) => sha256(byte(1), left, right);
const half = (number) => Math.floor(number / 2);
function pathLength(index, size) {
  const inner = index === size - 1 ? 0 : (BigInt(index) ^ BigInt(size - 1)).toString(2).length;
  return inner + (BigInt(index) >> BigInt(inner)).toString(2).replaceAll("0", "").length;
}
function checkInclusion(leaf, index, size, path, root) {
  if (!(index >= 0 && index < size)) refuse(`index ${index} is outside a tree of ${size} entries`);
  if (path.length !== pathLength(index, size)) refuse(`an inclusion path has ${path.length} hashes, which does not fit`);
  let hashed = leaf, at = 0;
  for (let last = size - 1; last; index = half(index), last = half(last)) {
    if (index % 2) hashed = nodeHash(path[at++], hashed);
    else if (index < last) hashed = nodeHash(hashed, path[at++]);
  }
  if (!same(hashed, root)) refuse("an inclusion path leads to another root");
}
function checkConsistency(old, size, proof, oldRoot, root) {
  if (!(old > 0 && old <= size)) refuse(`no consistency is defined from size ${old} to size ${size}`);
  if (old === size) {
    if (proof.length) refuse("a consistency proof between equal sizes is not empty");
    return same(oldRoot, root) || refuse(`two roots are shown for one size ${old}`);
  }
  const power2 = (BigInt(old) & BigInt(old - 1)) === 0n, steps = power2 ? [oldRoot, ...proof] : proof;
  let first = old - 1, last = size - 1, at = 1;
  for (; first % 2; first = half(first)) last = half(last);
  if (steps.length !== 1 + pathLength(first, last + 1)) refuse(`a consistency proof has ${proof.length} hashes, which does not fit`);
  let before = steps[0], after = steps[0];
  for (; last; first = half(first), last = half(last)) {
    if (first % 2) { before = nodeHash(steps[at], before); after = nodeHash(steps[at++], after); }
    else if (first < last) after = nodeHash(after, steps[at++]);
  }
  if (!same(before, oldRoot) || !same(after, root)) refuse(`size ${old} and size ${size} are not of one history`);
}

// ── notes, keys, the policy ────────────────────────────────────────────────
function checkName(name) {
  if (!name || utf8(name).length > 255 || /[+\u0000-\u001f\u0085]|(?!\ufeff)\s/.test(name)) {
    refuse("a key's name is empty, too long, or has a space or a plus in it");
  }
}
const parted = (text, by) => {
  const at = text.indexOf(by);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + by.length)];
};
function readKey(text) {
  const [name, rest] = parted(text, "+"), [keyId, blob] = parted(rest, "+");
  checkName(name);
  const data = unb64(blob);
  if (!(data[0] in KEY_BYTES)) refuse(`the key of ${name} is of a type unknown here`);
  if (data.length - 1 !== KEY_BYTES[data[0]]) refuse(`the public key of ${name} has ${data.length - 1} bytes`);
  const own = hex(sha256(utf8(name), utf8("\n"), data).slice(0, 4));
  if (own !== keyId) refuse(`the key id of ${name} does not belong to its key`);
  return { name, kind: data[0], bytes: data.slice(1), keyId };
}
function readNote(verbatim) {
  if (verbatim.length > 131072) refuse("a note is too long");
  utf8(verbatim);
  if (/[\u0000-\u0009\u000b-\u001f]/.test(verbatim)) refuse("a note has a control character");
  const gap = verbatim.lastIndexOf("\n\n");
  if (gap < 0 || !verbatim.endsWith("\n") || gap + 2 === verbatim.length) {
    refuse("a note has no text and signatures with an empty line between");
  }
  const rows = verbatim.slice(gap + 2, -1).split("\n");
  if (rows.length > 32) refuse("a note has more than 32 signatures");
  const lines = rows.map((row) => {
    if (!row.startsWith("— ")) refuse("a signature line does not begin with an em dash");
    const [name, blob] = parted(row.slice(2), " ");
    checkName(name);
    const data = unb64(blob);
    if (data.length <= 4) refuse("a signature line holds no signature");
    return { name, keyId: hex(data.slice(0, 4)), signature: data.slice(4) };
  });
  const text = verbatim.slice(0, gap + 1), [origin, size, root, end, ...more] = text.split("\n");
  if (end !== "" || more.length) refuse("a checkpoint does not have three lines");
  if (!origin || utf8(origin).length > 255) refuse("a checkpoint's origin is empty or too long");
  return { verbatim, text, origin, size: decimal(size), root: unb64(root, 32), lines };
}
async function signedAt(key, note, signature) {
  const bad = `a signature of ${key.name} does not verify`;
  if (key.kind === ED25519) return (await ed25519(key.bytes, utf8(note.text), signature)) ? 0 : refuse(bad);
  if (signature.length < 8) refuse(bad);
  const stated = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  if (stated >= 1n << 63n) refuse(`a signature of ${key.name} states an impossible time`);
  const message = utf8(`cosignature/v1\ntime ${stated}\n${note.text}`);
  return (await ed25519(key.bytes, message, signature.slice(8))) ? Number(stated) : refuse(bad);
}

function readPolicy(text) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: "" };
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  const key = (word, kinds) => {
    const found = readKey(word);
    return kinds.includes(found.kind) ? found : refuse("a key of a type that does not fit here");
  };
  const fresh = (name) => (name === "none" || known(name)) && refuse("a name stands there twice");
  const twice = (keys, one) => keys.some((other) => same(other.bytes, one.bytes));
  const lines = {
    log: ([word, , more]) => {
      if (!word || more) refuse("not a log, witness, group or quorum");
      const log = key(word, [ED25519, ML_DSA_44]);
      if (twice(policy.logs, log)) refuse("a log's key stands there twice, or there are too many");
      policy.logs.push(log);
    },
    witness: ([name, word, , more]) => {
      if (!word || more) refuse("not a log, witness, group or quorum");
      const witness = key(word, [COSIGNATURE, ML_DSA_44]);
      fresh(name);
      if (twice([...policy.witnesses.values()], witness)) refuse("a witness's key stands there twice");
      policy.witnesses.set(name, witness);
    },
    group: ([name, needed, ...members]) => {
      if (!members.length) refuse("not a log, witness, group or quorum");
      fresh(name);
      if (new Set(members).size !== members.length || !members.every(known)) refuse("a group names a member twice or one not defined above");
      const count = { all: members.length, any: 1 }[needed] ?? (/^[1-9][0-9]?$/.test(needed) ? Number(needed) : 0);
      if (!count || count > members.length) refuse("a group needs all, any, or a number up to its members");
      policy.groups.set(name, { count, members });
    },
    quorum: ([name, ...more]) => {
      if (!name || more.length) refuse("not a log, witness, group or quorum");
      if (policy.quorum) refuse("a second quorum");
      if (name !== "none" && !known(name)) refuse("the quorum is not defined above");
      policy.quorum = name;
    },
  };
  text.split("\n").forEach((row, at) => {
    const [verb, ...words] = row.split(/[ \t\r]+/).filter(Boolean);
    if (!verb || verb.startsWith("#")) return;
    try {
      (Object.hasOwn(lines, verb) ? lines[verb] : () => refuse("not a log, witness, group or quorum"))(words);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      refuse(`policy line ${at + 1}: ${error.message}`);
    }
  });
  return policy.quorum ? policy : refuse("the policy has no quorum line");
}

async function judge(policy, note) {
  const times = new Map(), keys = [...policy.logs, ...policy.witnesses.values()];
  for (const line of note.lines) {
    const key = keys.findLast((one) => one.name === line.name && one.keyId === line.keyId);
    if (!key || key.kind === ML_DSA_44) continue;
    times.set(key, [...(times.get(key) ?? []), await signedAt(key, note, line.signature)]);
  }
  const logged = policy.logs.some((key) => times.has(key) && key.name === note.origin);
  const stated = [...policy.witnesses].map(([name, key]) => [name, (times.get(key) ?? []).filter(Boolean)]).filter(([, each]) => each.length);
  const met = (names) => {
    for (const [name, { count, members }] of policy.groups) {
      if (members.filter((member) => names.has(member)).length >= count) names.add(name);
    }
    return names.has(policy.quorum);
  };
  const seconds = [...new Set(stated.flatMap(([, each]) => each))].sort((a, b) => a - b);
  const by = seconds.find((t) => met(new Set(stated.filter(([, each]) => Math.min(...each) <= t).map(([name]) => name))));
  const since = seconds.findLast((t) => met(new Set(stated.filter(([, each]) => Math.max(...each) >= t).map(([name]) => name))));
  return { logged, witnessed: by === undefined || policy.quorum === "none" ? null : { by, since } };
}

// ── the bundle ─────────────────────────────────────────────────────────────
function members(value, what, required, optional = "") {
  if (!(value instanceof Map)) refuse(`${what} is not a JSON object`);
  for (const name of required.split(" ")) if (!value.has(name)) refuse(`${what} has no member ${name}`);
  const allowed = `${required} ${optional}`.split(" ");
  if ([...value.keys()].some((name) => !name || !allowed.includes(name))) refuse(`${what} has a member unknown to this version`);
  return Object.fromEntries(value);
}
const textOf = (value) => typeof value === "string" ? value : refuse("a member that should be text is not");
const numberOf = (value) => Number.isSafeInteger(value) && value >= 0 ? value : refuse("a member that should be a number is not, or is out of range");
function listOf(value, each, most) {
  if (!Array.isArray(value)) refuse("a member that should be a list is not");
  if (value.length > most) refuse(`a list has more than ${most} items`);
  return value.map((item) => each(item));
}
function bySize(value, each) {
  if (!(value instanceof Map) || value.size > MAX_ITEMS) refuse("a member that should be keyed by size is not, or is too long");
  return new Map([...value].map(([size, item]) => [decimal(size), each(textOf(item))]));
}
const hashesOf = (value, most = 63) => listOf(value, (item) => unb64(textOf(item), 32), most);
const NAME = /^[a-z][a-z0-9_]{0,63}(\.[a-z0-9_]{1,64}){0,3}$/;

function readBody(text) {
  const rows = text.split("\n");
  if (text.length > 65536 || rows.pop() !== "" || rows[0] !== "custody-body/v1" || rows.length < 7) refuse("a body is not a custody-body of version 1");
  const [, kind, number, link, type, time, nonce, ...digests] = rows;
  const version = decimal(number) + 1, previous = link === "-" ? null : unb64(link, 32), occurred = decimal(time);
  unb64(nonce, 16);
  if (!NAME.test(kind) || !NAME.test(type)) refuse("a body's stream kind or event type is not a plain name");
  if ((version === 1) !== (previous === null)) refuse("a body's link does not fit its version");
  if (occurred > MAX_SECONDS) refuse("a body's time is beyond the year 9999");
  if (digests.length > 256 || digests.some((one, at) => at && digests[at - 1] >= one)) refuse("a body's digests are too many or not in ascending order");
  for (const one of digests) if (one.length !== 43 || unb64url(one).length !== 32) refuse("a body's digest is not 32 bytes in base64url");
  return { kind, version, previous, type, occurred, digests };
}
function decode(data, sentence) {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data); } catch { return refuse(sentence); }
}
function readDisclosure(text) {
  if (text.length > 65536) refuse("a disclosure is too long");
  const parts = parseJson(decode(unb64url(text), "a disclosure is not UTF-8"));
  const fits = Array.isArray(parts) && parts.length === 3 && typeof parts[0] === "string" && typeof parts[1] === "string";
  if (!fits) refuse("a disclosure is not an array of salt, name and value");
  if (unb64url(parts[0]).length < 16) refuse("a disclosure has a salt below 128 bits");
  return [parts[1], parts[2]];
}
const digestOf = (text) => b64(sha256(utf8(text))).replaceAll("+", "-").replaceAll("/", "_").replace("=", "");

function readBundle(data) {
  if (data.length > MAX_FILE) refuse(`the file is larger than ${MAX_FILE} bytes`);
  const document = parseJson(decode(data, "the file is not UTF-8 text"));
  if (document instanceof Map && document.has("format") && document.get("format") !== "custody-proof/v1") {
    refuse("the file is of another format than custody-proof/v1");
  }
  const top = members(document, "the bundle", "format origin subject claim checkpoints history events map", "rfc3161");
  const maps = members(top.map, "the map", "entry path versions");
  const origin = textOf(top.origin), subject = unb64(textOf(top.subject), 32);
  const asked = members(top.claim, "the claim", "from to max_gap");
  const claim = { from: numberOf(asked.from), to: numberOf(asked.to), max_gap: numberOf(asked.max_gap) };
  if (claim.from > claim.to || claim.to > MAX_SECONDS) refuse("the claim's times are not in order or beyond the year 9999");
  if (claim.max_gap < 1 || claim.max_gap > MAX_SECONDS) refuse("the claim's gap is not a number of seconds of one or more");
  const notes = bySize(top.checkpoints, readNote), sizes = [...notes.keys()].sort((a, b) => a - b);
  const history = listOf(top.history, textOf, MAX_ITEMS);
  const events = listOf(top.events, (value) => {
    const parts = members(value, "an event", "body disclosures index path size");
    const text = textOf(parts.body), disclosures = listOf(parts.disclosures, textOf, 256);
    const index = numberOf(parts.index), path = hashesOf(parts.path), size = numberOf(parts.size);
    const fields = disclosures.map(readDisclosure), body = readBody(text);
    return { text, disclosures, index, path, size, fields, body };
  }, MAX_ITEMS);
  const mapEntry = unb64(textOf(maps.entry)), mapPath = hashesOf(maps.path);
  const versions = listOf(maps.versions, (value) => {
    const parts = members(value, "a map proof", "path other");
    const other = parts.other === null ? null : hashesOf(parts.other, 2), path = hashesOf(parts.path, 256);
    if (other && other.length !== 2) refuse("a map proof shows another label without its hash");
    return { path, other };
  }, MAX_ITEMS + 1);
  bySize(top.rfc3161 ?? (top.rfc3161 === undefined ? new Map() : null), (token) => token.length > 65536 ? refuse("an RFC 3161 token is too long") : unb64(token));
  if (!events.length || !notes.size) refuse("the bundle has no event or no checkpoint");
  for (const size of sizes) {
    const note = notes.get(size);
    if (note.origin !== origin || note.size !== size) refuse(`the checkpoint under size ${size} is of another size or log`);
  }
  if (!events.every((event) => notes.has(event.size))) refuse("an event names a checkpoint that is not in the bundle");
  if (history.length !== notes.size || versions.length !== events.length + 1) refuse("the history or the map proofs are too few or too many");
  if ([...notes.values()].reduce((sum, note) => sum + note.lines.length, 0) > 4096) refuse("the bundle has more than 4096 signatures");
  if (mapEntry.length !== 65) refuse(`an entry has ${mapEntry.length} bytes instead of 65`);
  if (mapEntry[0] < 1 || mapEntry[0] > 4) refuse("an entry is of a type unknown here");
  const zeros = { 2: mapEntry.slice(33, 57), 3: mapEntry.slice(33) }[mapEntry[0]] ?? [];
  if (zeros.some(Boolean)) refuse("an entry has bytes set where its type has zeros");
  if (mapEntry[0] !== 2) refuse("the map's entry is of another type");
  const steps = history.map((start) => {
    if (!start.endsWith("\n\n") || start.indexOf("\n\n") !== start.length - 2) refuse("a step of the history does not end before its checkpoint");
    const [first, ...rows] = start.slice(0, -2).split("\n");
    if (!first.startsWith("old ")) refuse("an add-checkpoint body does not begin with its old size");
    if (rows.length > 63) refuse("a proof has more than 63 hashes");
    return { old: decimal(first.slice(4)), proof: rows.map((row) => unb64(row, 32)) };
  });
  return { origin, subject, claim, notes, sizes, events, mapEntry, mapPath, versions, steps };
}

// ── the label map ──────────────────────────────────────────────────────────
const bit = (data, depth) => (data[depth >> 3] >> (7 - (depth & 7))) & 1;
const labelOf = (subject, version) => hmac(subject, join(utf8("custody/label/v1"), u64(version - 1))); // versions count from 1, bytes from 0
function checkMap(root, mark, leaf, { path, other }) {
  let hashed = new Uint8Array(32);
  if (leaf) hashed = other ? refuse("a membership proof shows another label") : sha256(byte(2), mark, leaf);
  else if (other) {
    const start = path.every((_, depth) => bit(other[0], depth) === bit(mark, depth));
    if (same(other[0], mark) || !start) refuse("an absence proof shows a label that proves nothing");
    hashed = sha256(byte(2), ...other);
  }
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    hashed = bit(mark, depth) ? sha256(byte(3), path[depth], hashed) : sha256(byte(3), hashed, path[depth]);
  }
  if (!same(hashed, root)) refuse("a map proof leads to another root");
}

// ── the questions ──────────────────────────────────────────────────────────
const RESTS_ON = {
  log: ["format"], witnesses: ["log"], history: ["log"], events: ["history"],
  completeness: ["events", "witnesses"], fields: ["events"], times: ["events", "witnesses", "fields"],
  handovers: ["fields"], custody: ["completeness", "fields", "times"],
};
const weapon = (words) => new Set(words.split(" ").map((word) => `weapon.${word}`));
const ENDS = weapon("returned destroyed missing loss_declared");
const EYES_ON = weapon("inventoried deposited_in_trust stored seal_checked condition_assessed damage_recorded released accepted located returned");
const OTHERS = weapon("declared received_from_holder description_corrected duplicate_serial_flagged duplicate_serial_resolved ownership_asserted seal_broken hold_placed hold_lifted restitution_authorised retracted erased made_safe proposed approved declined irregularity_closed");
const verb = (event) => event.type.replace(/(\.v[0-9]+)?(\.correction)?$/, "");
const replaces = (event) => verb(event) === "weapon.retracted" || event.type.endsWith(".correction");
const instant = (seconds) => seconds >= 0 && seconds <= MAX_SECONDS
  ? new Date(seconds * 1000).toISOString().replace(".000Z", "Z") : `second ${seconds}`;
const span = (seconds) => seconds >= 172800 ? `${(seconds / 86400).toFixed(1)} days`
  : seconds >= 3600 ? `${(seconds / 3600).toFixed(1)} hours` : `${seconds} seconds`;
function verdict(name, faults, text) {
  if (!faults.length) return { name, state: PROVEN, text, details: [] };
  const state = faults.some(([one]) => one === FAILED) ? FAILED : NOT_PROVEN;
  const texts = [...faults.filter(([one]) => one === state), ...faults.filter(([one]) => one !== state)].map(([, one]) => one);
  return { name, state, text: texts[0], details: texts.slice(1) };
}
function fault(check) {
  try { check(); return []; } catch (error) { if (error instanceof Fault) return [[FAILED, error.message]]; throw error; }
}
function secondsOf(value) {
  const form = /^(\d{4}-\d\d-\d\dT\d\d:[0-5]\d:[0-5]\d)(?:\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))$/;
  const found = typeof value === "string" ? form.exec(value) : null, time = found && Date.parse(`${found[1]}Z`);
  if (!found || Number.isNaN(time) || found[1].startsWith("0000")) return null;
  if (new Date(time).toISOString().slice(0, 19) !== found[1]) return null;
  const offset = found[2] ? (Number(found[3]) * 60 + Number(found[4])) * 60 : 0;
  return time / 1000 - (found[2] === "+" ? offset : -offset);
}

async function read(bundle, policy) {
  const { notes, sizes, events, claim, subject } = bundle, delay = claim.max_gap;
  const witnessed = new Map(), verdicts = [verdict("format", [], "the file is a custody-proof of version 1")];
  const say = (name, faults, text) => verdicts.push(verdict(name, faults, text));
  const head = notes.get(sizes.at(-1)), leaves = events.map((event) => leafHash(join(byte(1), labelOf(subject, event.body.version), sha256(utf8(event.text)))));

  let faults = [];
  for (const size of sizes) {
    try {
      const judged = await judge(policy, notes.get(size));
      witnessed.set(size, judged.witnessed);
      if (!judged.logged) faults.push([NOT_PROVEN, `checkpoint ${size} is not signed by a log of the policy`]);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push([FAILED, `checkpoint ${size}: ${error.message}`]);
    }
  }
  say("log", faults, `${sizes.length} checkpoints are signed by ${bundle.origin}`);
  for (const key of [...policy.logs, ...policy.witnesses.values()]) {
    if (key.kind === ML_DSA_44) verdicts.at(-1).details.push(`signatures of ${key.name} are ML-DSA-44 and were not checked in this browser`);
  }

  faults = sizes.filter((size) => !witnessed.get(size)).map((size) => [NOT_PROVEN, `checkpoint ${size} has no quorum of witnesses: ${ALONE}`]);
  if (policy.quorum === "none") faults = [[NOT_PROVEN, `the policy asks for no witness: ${ALONE}`]];
  say("witnesses", faults, `${sizes.length} checkpoints are signed by the quorum ${policy.quorum}`);

  faults = [];
  let before = 0, root = EMPTY_ROOT;
  sizes.forEach((size, at) => {
    const { old, proof } = bundle.steps[at], note = notes.get(size);
    if (old !== before) faults.push([FAILED, `the step to size ${size} begins at ${old}`]);
    else if (size === 0 && !same(note.root, EMPTY_ROOT)) faults.push([FAILED, "a checkpoint of size 0 has another root than the empty tree"]);
    else if (old) faults.push(...fault(() => checkConsistency(old, size, proof, root, note.root)));
    else if (proof.length) faults.push([FAILED, "a consistency proof from size 0 is not empty"]);
    before = size;
    root = note.root;
  });
  say("history", faults, `one history from size ${sizes[0]} to size ${sizes.at(-1)}`);

  faults = [];
  events.forEach(({ body, index, path, size }, at) => {
    const version = at + 1;
    if (body.version !== version || body.kind !== events[0].body.kind) faults.push([FAILED, `event ${version} is of another version or stream`]);
    const linked = at ? body.previous && same(body.previous, leaves[at - 1]) : body.previous === null;
    if (!linked || (at && index <= events[at - 1].index)) faults.push([FAILED, `version ${version} is not linked to the version before`]);
    faults.push(...fault(() => checkInclusion(leaves[at], index, size, path, notes.get(size).root)));
  });
  say("events", faults, `${leaves.length} versions are in the log, each linked`);

  faults = [];
  const mapRoot = bundle.mapEntry.slice(1, 33), last = new DataView(bundle.mapEntry.buffer).getBigUint64(57);
  if (last !== BigInt(head.size) - 1n) faults.push([FAILED, "the map entry is not the head's last entry"]);
  faults.push(...fault(() => checkInclusion(leafHash(bundle.mapEntry), head.size - 1, head.size, bundle.mapPath, head.root)));
  bundle.versions.forEach((proof, at) => {
    const found = fault(() => checkMap(mapRoot, labelOf(subject, at + 1), leaves[at], proof));
    faults.push(...found.map(([state, text]) => [state, `version ${at + 1}: ${text}`]));
  });
  say("completeness", faults, `the map holds versions 1 to ${leaves.length} and no version ${leaves.length + 1}`);

  faults = [];
  events.forEach((event, at) => {
    const version = at + 1, names = event.fields.map(([name]) => name);
    if (new Set(names).size !== names.length) faults.push([FAILED, `version ${version} shows a field twice`]);
    if (!event.disclosures.every((text) => event.body.digests.includes(digestOf(text)))) faults.push([FAILED, `version ${version} shows a field that was not committed`]);
  });
  const count = (of) => events.reduce((sum, event) => sum + of(event).length, 0);
  say("fields", faults, `${count((event) => event.fields)} of ${count((event) => event.body.digests)} committed fields are shown`);

  const shown = events.map(({ body, index, size, fields }) => {
    const earlier = sizes.filter((one) => one <= index).at(-1);
    return {
      version: body.version, type: body.type, occurred: body.occurred,
      after: witnessed.get(earlier)?.since ?? null, by: witnessed.get(size)?.by ?? null,
      fields: new Map(fields), previous: body.previous,
    };
  });
  say("times", times(shown, delay), "every time fits the window in which it was witnessed");

  faults = [];
  const officials = [];
  for (const event of shown.filter((one) => ["weapon.accepted", "weapon.returned"].includes(verb(one)))) {
    const what = `version ${event.version} (${event.type})`, signed = event.fields.get("acceptance");
    const key = signed instanceof Map ? signed.get("key") : null, signature = signed instanceof Map ? signed.get("signature") : null;
    if (typeof key !== "string" || typeof signature !== "string") {
      faults.push([NOT_PROVEN, `${what} shows no signature of the receiving official`]);
      continue;
    }
    try { officials.push(await accepted(key, signature, event.previous)); }
    catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push([FAILED, `${what}: ${error.message}`]);
    }
  }
  say("handovers", faults, officials.length
    ? `signed by ${officials.join(", ")}: compare the keys with the officials' own` : "no handover is in the history");

  verdicts.push(custody(claim, shown, witnessed.get(head.size)?.since ?? null, delay));
  const states = {};
  for (const found of verdicts) {
    const weak = (RESTS_ON[found.name] ?? []).filter((name) => states[name] !== PROVEN);
    if (weak.length && found.state === PROVEN) {
      Object.assign(found, { state: NOT_PROVEN, details: [found.text], text: `rests on what is not proven: ${weak.join(", ")}` });
    }
    states[found.name] = found.state;
  }
  return { verdicts, shown };
}

async function accepted(keyText, signature, previous) {
  const key = readKey(keyText);
  if (key.kind !== ED25519 || previous === null) refuse("a handover is signed with another type of key, or begins a stream");
  const holds = await ed25519(key.bytes, join(utf8("custody/handover/v1\n"), previous), unb64(signature));
  return holds ? `${key.name}+${key.keyId}` : refuse(`a signature of ${key.name} does not verify`);
}

function times(shown, delay) {
  const faults = [], recorded = [];
  for (const event of shown) {
    const name = `version ${event.version}`;
    if (event.by === null) faults.push([NOT_PROVEN, `${name} is not witnessed: ${ALONE}`]);
    else if (event.occurred > event.by + SKEW) faults.push([FAILED, `${name} says it occurred at ${instant(event.occurred)}, after it was witnessed at ${instant(event.by)}`]);
    if (!event.fields.has("recorded_at")) continue;
    const at = secondsOf(event.fields.get("recorded_at"));
    if (at === null) { faults.push([NOT_PROVEN, `${name} has a recorded time that is no RFC 3339 time`]); continue; }
    recorded.push(at);
    const says = `${name} says it was recorded at ${instant(at)}`;
    if (event.by !== null && at > event.by + SKEW) faults.push([FAILED, `${says}, after it was witnessed at ${instant(event.by)}`]);
    else if (event.after !== null && at < event.after - delay) faults.push([FAILED, `${says}, but the log witnessed at ${instant(event.after)} did not have it`]);
  }
  if (recorded.some((time, at) => at && recorded[at - 1] > time)) faults.push([FAILED, "the recorded times run backwards"]);
  return faults;
}

function custody(claim, shown, head, delay) {
  const faults = [], dropped = new Set();
  if (!shown.every((event) => event.type.startsWith("weapon."))) return verdict("custody", [[NOT_PROVEN, "custody is defined for weapons only"]], "");
  for (const event of [...shown].reverse()) {
    if (!replaces(event) || dropped.has(event.version)) continue;
    const target = event.fields.get("version"); // written from 0
    if (Number.isSafeInteger(target) && target >= 0 && target + 1 < event.version) dropped.add(target + 1);
    else faults.push([NOT_PROVEN, `version ${event.version} retracts an event and does not show which`]);
  }
  for (const event of shown) {
    const known = [ENDS, EYES_ON, OTHERS].some((kinds) => kinds.has(verb(event)));
    if (!known) faults.push([NOT_PROVEN, `version ${event.version} is of a type unknown here: ${event.type}`]);
  }
  for (const event of shown) {
    if (!ENDS.has(verb(event)) || event.occurred >= claim.to) continue;
    const what = `version ${event.version} (${event.type}) of ${instant(event.occurred)}`;
    faults.push(dropped.has(event.version) ? [NOT_PROVEN, `${what} would end custody and was retracted`] : [FAILED, `${what} ends custody before the end of the claim`]);
  }
  const seen = shown.filter((event) => !dropped.has(event.version) && EYES_ON.has(verb(event))
    && (verb(event) !== "weapon.seal_checked" || event.fields.get("intact") === true)
    && (event.by === null || event.by <= event.occurred + delay));
  if (!seen.some((event) => verb(event) === "weapon.deposited_in_trust" && event.occurred <= claim.from)) {
    faults.push([NOT_PROVEN, `no deposit in trust by ${instant(claim.from)} was witnessed in time`]);
  }
  const moments = seen.map((event) => event.occurred).sort((a, b) => a - b);
  const points = [moments.filter((t) => t <= claim.from).at(-1) ?? claim.from, ...moments.filter((t) => claim.from < t && t < claim.to), claim.to];
  points.slice(1).forEach((two, at) => {
    if (two - points[at] <= claim.max_gap) return;
    faults.push([NOT_PROVEN, `nobody is shown to have seen it from ${instant(points[at])} to ${instant(two)}, ${span(two - points[at])}; ${span(claim.max_gap)} are allowed`]);
  });
  if (head !== null && head < claim.to) faults.push([NOT_PROVEN, `the newest checkpoint was last witnessed at ${instant(head)}, before the end of the claim at ${instant(claim.to)}`]);
  if (head === null && !faults.length) faults.push([NOT_PROVEN, `the events fit the claim, but ${ALONE}`]);
  return verdict("custody", faults, `in custody from ${instant(claim.from)} to ${instant(claim.to)}, seen at least every ${span(claim.max_gap)}`);
}

async function verifyCustody(data, policyText) {
  const policy = readPolicy(policyText);
  let bundle;
  try { bundle = readBundle(data); } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const unread = Object.keys(RESTS_ON).map((name) => verdict(name, [[NOT_PROVEN, "the file could not be read"]], ""));
    return { format: "custody-verdict/v1", state: FAILED, claim: null, commitment: null, verdicts: [verdict("format", [[FAILED, error.message]], ""), ...unread], events: [] };
  }
  const { verdicts, shown } = await read(bundle, policy);
  return {
    format: "custody-verdict/v1",
    state: [FAILED, NOT_PROVEN, PROVEN].find((state) => verdicts.some((found) => found.state === state)),
    claim: bundle.claim,
    commitment: b64(sha256(utf8("custody/subject/v1"), bundle.subject)),
    verdicts,
    events: shown.map(({ previous, fields, ...event }) => ({ ...event, fields: plain(fields) })),
  };
}
