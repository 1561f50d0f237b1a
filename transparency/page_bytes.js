"use strict";
// A third verifier of docs/proof-format.md, for a browser without network. It shares no code with
// the other two and gives the same report. Ed25519 is the browser's own where it has it and plain
// code where not; ML-DSA-44 is not checked here. Numbers above 2^53 - 1 are refused.
// page.py puts six parts into one script: bytes, crypto, notes, bundle, questions, view.

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

