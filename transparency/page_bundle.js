// The page, part 4: the file that is read, member by member, and the label map it rests on.

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

