// Live data: one EventSource per browser, shared by its tabs (HTTP/1.1 allows six connections per
// host). The tab that holds the Web Lock leads: it opens the stream for the union of what all tabs
// want and passes frames on by BroadcastChannel. A tab that has been hidden for a minute lets go of
// its topics and of the lead, and asks again when it is shown.
//
// A topic is "<kind>?<parameters>". On the wire it has a name, kind plus a number made of its
// parameters, so that a token (Last-Event-ID) from one leader fits the next one's stream.
const HIDDEN_AFTER = 60_000, ANNOUNCE_EVERY = 20_000, FORGET_AFTER = 90_000;
/** Of the stream's address: what proxies take unless they are told otherwise. */
const LONGEST = 7_900;
const { ask, build, root, person, outdated, outside } = window.weirCalls;
/** What a frame is; `live.rs` knows them by the same numbers. */
const DATA = 0, MISSED = 1, BYE = 2, POLLED = 3;
/** A stream must begin within this, and never be silent for longer than the other: the server beats every 10 s. */
const PROVEN_WITHIN = 5_000, SILENT_FOR = 30_000;
/** Some way may be clear again after this: another network, a proxy set right. */
const TRY_STREAM_AFTER = 600_000;
const me = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
const shared = "BroadcastChannel" in window && "locks" in navigator;
// Tabs of another build, which wait to be reloaded, keep to themselves; so do those of another person: what one may
// see is not for the other.
const line = `weir-live-${build}-${root}-${person}`;
const channel = shared ? new BroadcastChannel(line) : null;

/** What this tab follows: id -> {topic, onFrame(kind, data)}. */
const mine = new Map();
let nextId = 1, awake = !document.hidden, sleepTimer = 0, gone = false;
/** Newest token seen, from whichever leader. */
let last = "";
/** A proxy on the way holds streams back, so the leader asks every few seconds instead. */
let polled = false;
/** Topics that ended for good, with the reason; "" stands for all of them. */
const over = new Map();

const wanted = () =>
  awake && !gone && !over.has("") ? [...new Set([...mine.values()].map((s) => s.topic))].filter((t) => !over.has(t)) : [];

const nameOf = (topic) => {
  const [kind, params = ""] = topic.split("?", 2);
  if (!params) return kind;
  let h = 0x811c9dc5;
  for (let i = 0; i < params.length; i++) h = Math.imul(h ^ params.charCodeAt(i), 0x01000193) >>> 0;
  return kind + (h % 1_000_000);
};

// ---- every tab -------------------------------------------------------------------------------
/** Events that a live tail's query could not judge, behind what the tail says of itself. */
let unjudged = null;
const tellUnjudged = (topic, data) => {
  if (unjudged?.topic !== topic) {
    unjudged?.node.remove();
    unjudged = { topic, events: 0, node: document.createTextNode("") };
  }
  const more = Number(/"unjudged":(\d+)/.exec(data)?.[1] ?? 0);
  if (!more) return;
  unjudged.events += more;
  unjudged.node.data = ` Could not be judged: ${unjudged.events.toLocaleString("en")}`;
  if (!unjudged.node.isConnected) document.querySelector(".ev-tail .warn-t")?.append(unjudged.node);
};
const deliver = (topic, kind, data) => {
  if (kind === DATA && topic.startsWith("tail")) tellUnjudged(topic, data);
  for (const s of [...mine.values()]) if (!topic || s.topic === topic) s.onFrame(kind, data);
};
/** Nothing ends in silence: the page is told why, and what may come back by itself is waited for. */
const ended = (topic, reason) => {
  // A call says in words what is the matter: another build, or somebody else signed in.
  if (reason === "outdated" || reason === "signed_out")
    ask("/api/access/me").catch(() => {}).then(() => { if (reason === "outdated") outdated(); });
  if (reason !== "restarting" && reason !== "too_many") { over.set(topic, reason); changed(); }
  deliver(topic, BYE, reason);
};
const setPolled = (on) => {
  if (polled !== on) { polled = on; deliver("", POLLED, on ? "1" : ""); }
};
const hear = (m) => {
  if (m.type === "frame") { if (m.id) last = m.id; deliver(m.topic, m.kind, m.data); }
  else if (m.type === "bye") ended(m.topic, m.reason);
  else if (m.type === "polled") setPolled(m.on);
  else if (m.type === "want") leading?.heard(m.tab, m.topics);
  else if (m.type === "who") announce();
};
const send = (m) => { channel?.postMessage(m); };
const announce = () => {
  const topics = wanted();
  send({ type: "want", tab: me, topics });
  leading?.heard(me, topics);
  if (topics.length) standForLead(); else stopLeading?.();
};
channel?.addEventListener("message", (e) => hear(e.data));

let announcing = 0;
const changed = () => { clearTimeout(announcing); announcing = setTimeout(announce, 30); };
setInterval(() => { if (wanted().length) announce(); }, ANNOUNCE_EVERY);

document.addEventListener("visibilitychange", () => {
  clearTimeout(sleepTimer);
  if (document.hidden) sleepTimer = setTimeout(() => { awake = false; announce(); }, HIDDEN_AFTER);
  else if (!awake) { awake = true; announce(); }
});
addEventListener("pagehide", () => { gone = true; announce(); });
addEventListener("pageshow", (e) => { if (e.persisted) { gone = false; announce(); } });

// ---- the lead --------------------------------------------------------------------------------
let leading = null, stopLeading = null, standing = false;
const standForLead = async () => {
  if (standing) return;
  standing = true;
  // Without locks (plain HTTP from another machine) each tab leads only itself.
  const hold = () => new Promise((done) => {
    leading = lead();
    stopLeading = () => { leading?.close(); leading = stopLeading = null; done(); };
    leading.heard(me, wanted());
    send({ type: "who" });
  });
  try {
    if (shared) await navigator.locks.request(line, () => (wanted().length ? hold() : undefined));
    else await hold();
  } finally {
    standing = false;
    if (wanted().length) changed();
  }
};

const lead = () => {
  /** tab -> {topics, at} */
  const tabs = new Map();
  let source = null, open = "", retry = 0, backOff = 1000, settle = 0;
  // How much has come, and how often in a row a stream was taken and nothing of it came.
  let poll = false, heard = 0, swallowed = 0, watchdog = 0, trial = 0;

  const pass = (topic, kind, data, id) => {
    if (id) last = id;
    send({ type: "frame", topic, kind, data, id });
    deliver(topic, kind, data);
  };
  const bye = (topic, reason) => { send({ type: "bye", topic, reason }); ended(topic, reason); };

  const union = () => [...new Set([...tabs.values()].flatMap((t) => t.topics))];
  const all = () => union().sort().join("\n");
  const asking = (topics) => {
    const query = new URLSearchParams();
    for (const topic of topics)
      for (const [k, v] of new URLSearchParams(topic.split("?", 2)[1] ?? "")) query.append(`${nameOf(topic)}.${k}`, v);
    return query;
  };
  /** What an address holds, those first that were first. One tab must not end what the others follow. */
  const fitting = () => {
    const over = [];
    let room = LONGEST - last.length;
    const topics = union().filter((topic) => {
      const takes = `${asking([topic])}${nameOf(topic)}`.length + 4;
      if (takes > room) over.push([topic, takes > LONGEST / 2 ? "too_long" : "too_many"]);
      else room -= takes;
      return !over.some(([t]) => t === topic);
    });
    for (const [topic, reason] of over) bye(topic, reason);
    return topics;
  };

  const expect = (within) => { clearTimeout(watchdog); watchdog = setTimeout(silent, within); };
  const flows = () => { heard++; swallowed = 0; expect(SILENT_FOR); };
  // Nothing comes. If the server takes the request all the same, twice, then something on the way holds streams back.
  const silent = async () => {
    const stream = source, before = heard;
    let taken = false;
    try { taken = (await fetch(stream.url, { method: "HEAD" })).ok; } catch { /* away: try on */ }
    if (!leading || stream !== source || before !== heard) return;
    if (taken && ++swallowed > 1) startPolling();
    connect();
  };
  const startPolling = () => {
    poll = true;
    clearTimeout(trial);
    trial = setTimeout(() => { poll = false; swallowed = 1; connect(); }, TRY_STREAM_AFTER);
  };
  // A leader goes on as the one before did.
  if (polled) startPolling();

  const connect = () => {
    for (const timer of [retry, watchdog]) clearTimeout(timer);
    source?.close();
    source = null;
    open = all();
    const topics = fitting();
    if (!topics.length) return;
    const names = new Map(topics.map((t) => [nameOf(t), t]));
    const query = asking(topics);
    query.set("topics", [...names.keys()].join(","));
    if (last) query.set("last", last);
    if (build) query.set("build", build);
    if (person) query.set("person", person);
    if (poll) query.set("poll", "1");
    const stream = (source = new EventSource(outside(`/live?${query}`)));
    expect(PROVEN_WITHIN);
    stream.onopen = () => { backOff = 1000; };
    for (const name of ["hello", "beat", "missed", "bye", ...names.keys()]) stream.addEventListener(name, flows);
    stream.addEventListener("hello", () => { send({ type: "polled", on: poll }); setPolled(poll); });
    for (const [name, topic] of names)
      stream.addEventListener(name, (e) => pass(topic, DATA, e.data, e.lastEventId));
    stream.addEventListener("missed", (e) => {
      let which, events;
      try { ({ topic: which, events } = JSON.parse(e.data)); } catch { /* an unreadable note still means "missed" */ }
      for (const [name, topic] of names)
        if (which ? name === which : name.startsWith("tail")) pass(topic, MISSED, events == null ? "" : String(events), e.lastEventId);
    });
    stream.addEventListener("bye", (e) => {
      let which, reason;
      try { ({ topic: which, reason } = JSON.parse(e.data)); } catch { reason = "failed"; }
      const topic = which ? names.get(which) : "";
      if (topic !== undefined) bye(topic, reason);
    });
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) return; // the browser reconnects by itself
      clearTimeout(watchdog);
      retry = setTimeout(() => again(stream.url), backOff * (0.5 + Math.random()));
      backOff = Math.min(backOff * 2, 30_000);
    };
  };
  // The stream was refused, and an EventSource can't say why.
  const again = async (url) => {
    try {
      const { status } = await fetch(url, { method: "HEAD" });
      const reason = { 400: "failed", 401: "signed_out", 403: "not_allowed", 409: "outdated", 429: "too_many" }[status];
      if (reason) bye("", reason);
      // A proxy takes less: the longest goes, until the rest fits.
      else if (status === 414 || status === 431) bye(union().sort((a, b) => b.length - a.length)[0] ?? "", "too_long");
    } catch { /* away: try on */ }
    if (leading && !over.has("")) connect();
  };
  const review = () => {
    const old = Date.now() - FORGET_AFTER;
    for (const [tab, t] of tabs) if (t.at < old) tabs.delete(tab);
    if (all() !== open) connect();
  };
  const watch = setInterval(review, ANNOUNCE_EVERY);
  return {
    heard(tab, topics) {
      if (topics.length) tabs.set(tab, { topics, at: Date.now() }); else tabs.delete(tab);
      // Tabs answer one after another: wait for them before the stream is opened anew.
      clearTimeout(settle);
      settle = setTimeout(review, 60);
    },
    close() {
      for (const timer of [settle, retry, watchdog, trial]) clearTimeout(timer);
      clearInterval(watch);
      source?.close();
    },
  };
};

window.weirLive = {
  follow(topic, onFrame) {
    const id = nextId++;
    mine.set(id, { topic, onFrame });
    if (polled) setTimeout(() => mine.get(id)?.onFrame(POLLED, "1"));
    const reason = over.get("") ?? over.get(topic);
    if (reason) setTimeout(() => mine.get(id)?.onFrame(BYE, reason)); else changed();
    return id;
  },
  release(id) { if (mine.delete(id)) changed(); },
};
