// The page, part 6: words in two languages, sentences kept apart from their direction.

// ── the page: words in two languages, sentences kept apart from their direction ─
const WORDS = {
  en: {
    title: "Verify a proof of custody", other: "العربية",
    intro: "Nothing leaves this device. Choose your own policy file and the proof; every question has an answer of its own.",
    policy: "Your policy", bundle: "The proof (.custody-proof)", check: "Verify",
    footer: "Only “proven” is worth something. ML-DSA-44 signatures are not checked in a browser; replay and paper receipt need verify_custody.py, or compare the value by eye.",
    missing: "choose a policy and a proof", verdicts: "Verdicts", events: "What the proof shows",
    receipt: "Compare with the paper receipt", large: "the file is too large",
    proven: "✔ proven", "not proven": "? not proven", failed: "✘ failed",
    when: "occurred", by: "witnessed by", unseen: "not witnessed",
    names: {
      format: "The file", log: "The log's signatures", witnesses: "The witnesses", history: "One history",
      events: "The events are in the log", completeness: "No event is missing", fields: "The fields shown",
      times: "The times", handovers: "The handovers", custody: "Custody from A to B",
    },
  },
  ar: {
    title: "التحقق من إثبات العهدة", other: "English",
    intro: "لا يغادر أي شيء هذا الجهاز. اختر ملف السياسة الخاص بك وملف الإثبات؛ لكل سؤال جوابه.",
    policy: "ملف السياسة", bundle: "ملف الإثبات (.custody-proof)", check: "تحقّق",
    footer: "لا قيمة إلا لما «ثبت». لا تُفحص تواقيع ML-DSA-44 في المتصفح؛ وإعادة القراءة ومطابقة الإيصال الورقي بالأداة verify_custody.py أو بالعين.",
    missing: "اختر ملف سياسة وملف إثبات", verdicts: "الأجوبة", events: "ما يُظهره الإثبات",
    receipt: "قارن مع الإيصال الورقي", large: "الملف كبير جدًا",
    proven: "✔ ثبت", "not proven": "؟ لم يثبت", failed: "✘ مرفوض",
    when: "وقع في", by: "شهد عليه الشهود قبل", unseen: "بلا شهود",
    names: {
      format: "الملف", log: "تواقيع السجل", witnesses: "الشهود", history: "تاريخ واحد",
      events: "الوقائع في السجل", completeness: "لا واقعة ناقصة", fields: "الحقول المعروضة",
      times: "الأوقات", handovers: "التسليم والاستلام", custody: "العهدة من أ إلى ب",
    },
  },
};
let language = "en", reports = [];

// repainting characters never reach the screen; the rest stands isolated, so directions cannot mix
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
function made(tag, text, direction) {
  const element = document.createElement(tag);
  if (direction === undefined) { element.textContent = text ?? ""; return element; }
  const kept = document.createElement("bdi");
  kept.dir = direction;
  kept.textContent = text.replace(HIDDEN, "�");
  element.append(kept);
  return element;
}
const row = (...cells) => { const tr = made("tr"); tr.append(...cells); return tr; };
function table(caption, rows) {
  const found = made("table"), body = made("tbody");
  body.append(...rows);
  found.append(made("caption", caption), body);
  return found;
}

function paint() {
  const words = WORDS[language];
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = words[element.dataset.say];
  const button = document.getElementById("language");
  button.textContent = words.other;
  button.lang = language === "ar" ? "en" : "ar";
  document.getElementById("report").replaceChildren(...reports.flatMap(({ name, report }) => [
    made("h2", name, "auto"), ...painted(report, words),
  ]));
}

function painted(report, words) {
  const verdicts = report.verdicts.map((found) => {
    const state = made("td", words[found.state]), why = made("td", found.text, "ltr");
    state.className = "state";
    state.dataset.verdict = found.name;
    state.dataset.state = found.state;
    for (const detail of found.details.slice(0, 20)) why.append(made("br"), made("span", detail, "ltr"));
    return row(made("th", words.names[found.name]), state, why);
  });
  if (report.commitment === null) return [table(words.verdicts, verdicts)];
  const events = report.events.map((event) => row(
    made("td", String(event.version), "ltr"), made("td", event.type, "ltr"),
    made("td", `${instant(event.occurred)}`, "ltr"),
    event.by === null ? made("td", words.unseen) : made("td", `≤ ${instant(event.by)}`, "ltr"),
    made("td", JSON.stringify(event.fields), "auto"),
  ));
  const pinned = made("p", `${words.receipt}: `);
  pinned.append(made("span", report.commitment, "ltr"));
  return [table(words.verdicts, verdicts), pinned, table(words.events, events)];
}

async function check() {
  const trouble = document.getElementById("trouble"), [policy] = document.getElementById("policy").files;
  const bundles = [...document.getElementById("bundle").files];
  trouble.textContent = "";
  reports = [];
  try {
    if (!policy || !bundles.length) refuse(WORDS[language].missing);
    if (policy.size > 262144) refuse(WORDS[language].large);
    const text = decode(new Uint8Array(await policy.arrayBuffer()), "the policy is not UTF-8 text");
    for (const file of bundles.slice(0, 20)) {
      const data = new Uint8Array(await file.slice(0, MAX_FILE + 1).arrayBuffer());
      reports.push({ name: file.name, report: await verifyCustody(data, text) });
    }
  } catch (error) {
    trouble.textContent = error instanceof Fault ? error.message : "this browser is too old to verify";
  }
  paint();
}

document.getElementById("language").addEventListener("click", () => {
  language = language === "en" ? "ar" : "en";
  paint();
});
document.getElementById("check").addEventListener("click", check);
paint();
