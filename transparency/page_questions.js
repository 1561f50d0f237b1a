// The page, part 5: each question and its answer, in the order of docs/proof-format.md §7 and §8.

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
    let one = dropped.has(event.version) ? null : event;
    while (one && replaces(one)) {
      const target = one.fields.get("version"); // written from 0
      if (!(Number.isSafeInteger(target) && target >= 0 && target + 1 < one.version)) {
        faults.push([NOT_PROVEN, `version ${one.version} retracts an event and does not show which`]);
        break;
      }
      dropped.add(target + 1); // what is corrected may be a correction itself: what that one replaced is gone, too
      const corrected = one.type.endsWith(".correction") ? shown.find((other) => other.version === target + 1) : null;
      one = corrected && corrected.type.endsWith(".correction") ? corrected : null;
    }
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
