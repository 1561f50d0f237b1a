// The page, part 3: whom the reader believes, and what was signed: trees, notes, keys, the policy.

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

