// Live data: one EventSource per browser, shared by its tabs (HTTP/1.1 allows six connections per
// host). The tab that holds the Web Lock leads: it opens the stream for the union of what all tabs
// want and passes frames on by BroadcastChannel. A tab that has been hidden for a minute lets go of
// its topics and of the lead, and asks again when it is shown.
//
// A topic is "<kind>?<parameters>". On the wire it has a name, kind plus a number made of its
// parameters, so that a token (Last-Event-ID) from one leader fits the next one's stream.
const HIDDEN_AFTER = 60_000, ANNOUNCE_EVERY = 20_000, FORGET_AFTER = 90_000;
const me = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
const shared = "BroadcastChannel" in window && "locks" in navigator;
const channel = shared ? new BroadcastChannel("weir-live") : null;

/** What this tab follows: id -> {topic, onFrame(missed, data)}. */
const mine = new Map();
let nextId = 1, awake = !document.hidden, sleepTimer = 0, gone = false;
/** Newest token seen, from whichever leader. */
let last = "";

const wanted = () => (awake && !gone ? [...new Set([...mine.values()].map((s) => s.topic))] : []);

const nameOf = (topic) => {
  const [kind, params = ""] = topic.split("?", 2);
  if (!params) return kind;
  let h = 0x811c9dc5;
  for (let i = 0; i < params.length; i++) h = Math.imul(h ^ params.charCodeAt(i), 0x01000193) >>> 0;
  return kind + (h % 1_000_000);
};

// ---- every tab -------------------------------------------------------------------------------
const deliver = (topic, missed, data) => {
  for (const s of [...mine.values()]) if (s.topic === topic) s.onFrame(missed, data);
};
const signOut = () => {
  if (gone) return;
  gone = true;
  stopLeading?.();
  location.assign("/sign-in?next=" + encodeURIComponent(location.pathname + location.search));
};
const hear = (m) => {
  if (m.type === "frame") { if (m.id) last = m.id; deliver(m.topic, m.missed, m.data); }
  else if (m.type === "bye") signOut();
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
    if (shared) await navigator.locks.request("weir-live", () => (wanted().length ? hold() : undefined));
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

  const pass = (topic, missed, data, id) => {
    if (id) last = id;
    send({ type: "frame", topic, missed, data, id });
    deliver(topic, missed, data);
  };

  const connect = () => {
    clearTimeout(retry);
    source?.close();
    source = null;
    const topics = [...new Set([...tabs.values()].flatMap((t) => t.topics))].sort();
    open = topics.join("\n");
    if (!topics.length) return;
    const names = new Map(topics.map((t) => [nameOf(t), t]));
    const query = new URLSearchParams({ topics: [...names.keys()].join(",") });
    for (const [name, topic] of names)
      for (const [k, v] of new URLSearchParams(topic.split("?", 2)[1] ?? "")) query.append(`${name}.${k}`, v);
    if (last) query.set("last", last);
    const stream = (source = new EventSource(`/live?${query}`));
    stream.onopen = () => { backOff = 1000; };
    for (const [name, topic] of names)
      stream.addEventListener(name, (e) => pass(topic, false, e.data, e.lastEventId));
    stream.addEventListener("missed", (e) => {
      let which, events;
      try { ({ topic: which, events } = JSON.parse(e.data)); } catch { /* an unreadable note still means "missed" */ }
      for (const [name, topic] of names)
        if (which ? name === which : name.startsWith("tail")) pass(topic, true, events == null ? "" : String(events), e.lastEventId);
    });
    stream.addEventListener("bye", () => { send({ type: "bye" }); signOut(); });
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) return; // the browser reconnects by itself
      retry = setTimeout(again, backOff * (0.5 + Math.random()));
      backOff = Math.min(backOff * 2, 30_000);
    };
  };
  // The stream was refused: because nobody is signed in any more, or because the server is away.
  const again = async () => {
    try {
      const answer = await fetch("/api/access/me");
      if (answer.status === 401) { send({ type: "bye" }); signOut(); return; }
    } catch { /* away: try on */ }
    if (leading) connect();
  };
  const review = () => {
    const old = Date.now() - FORGET_AFTER;
    for (const [tab, t] of tabs) if (t.at < old) tabs.delete(tab);
    const topics = [...new Set([...tabs.values()].flatMap((t) => t.topics))].sort().join("\n");
    if (topics !== open) connect();
  };
  const watch = setInterval(review, ANNOUNCE_EVERY);
  return {
    heard(tab, topics) {
      if (topics.length) tabs.set(tab, { topics, at: Date.now() }); else tabs.delete(tab);
      // Tabs answer one after another: wait for them before the stream is opened anew.
      clearTimeout(settle);
      settle = setTimeout(review, 60);
    },
    close() { clearTimeout(settle); clearTimeout(retry); clearInterval(watch); source?.close(); },
  };
};

window.weirLive = {
  follow(topic, onFrame) { const id = nextId++; mine.set(id, { topic, onFrame }); changed(); return id; },
  release(id) { if (mine.delete(id)) changed(); },
};
