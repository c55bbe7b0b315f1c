//! Live data in the browser (decision 22). `js/live.js` keeps one event stream for all tabs; here
//! components say what they want to follow and get frames while they live.

use crate::{env::use_env, shell::Me, ui::use_now};
use leptos::prelude::*;
use weir_domain::{Timestamp, access::Permission, overview::Summary};

/// After this long without an update the page says that it is paused.
const STALE_US: i64 = 10_000_000;

/// What came over the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// JSON of the topic's frame type.
    Data(String),
    /// Events between the last frame and the next were missed; how many, if known.
    Missed(Option<u64>),
}

/// Follows `topic` while the calling component lives and the topic is `Some`. A topic is its kind and
/// parameters, encoded like a URL: `overview?env=1`, `tail?channel=3&key=ord-1`. Does nothing on the server.
pub fn follow(topic: Signal<Option<String>>, on_frame: impl Fn(Frame) + Clone + 'static) {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Some(topic) = topic.get() {
            let subscription = browser::Subscription::new(&topic, on_frame.clone());
            let subscription = StoredValue::new_local(Some(subscription));
            on_cleanup(move || {
                subscription.try_update_value(Option::take);
            });
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (topic, on_frame);
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::Frame;
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = weirLive, js_name = follow)]
        fn js_follow(topic: &str, on_frame: &Closure<dyn Fn(bool, String)>) -> u32;
        #[wasm_bindgen(js_namespace = weirLive, js_name = release)]
        fn js_release(id: u32);
    }

    /// Ends when dropped.
    pub struct Subscription {
        id: u32,
        _on_frame: Closure<dyn Fn(bool, String)>,
    }

    impl Subscription {
        pub fn new(topic: &str, on_frame: impl Fn(Frame) + 'static) -> Self {
            let on_frame = Closure::new(move |missed: bool, data: String| {
                on_frame(if missed { Frame::Missed(data.parse().ok()) } else { Frame::Data(data) });
            });
            Self { id: js_follow(topic, &on_frame), _on_frame: on_frame }
        }
    }

    impl Drop for Subscription {
        fn drop(&mut self) {
            js_release(self.id);
        }
    }
}

/// The newest summary of the environment shown; every page's live mark stands on it.
#[derive(Clone, Copy)]
pub struct LiveSummary {
    newest: RwSignal<Option<Summary>>,
    /// By the browser's clock.
    heard_at: RwSignal<Option<Timestamp>>,
    now: Signal<Option<Timestamp>>,
}

impl LiveSummary {
    pub(crate) fn provide(me: Me) -> Self {
        let live = Self { newest: RwSignal::new(None), heard_at: RwSignal::new(None), now: use_now() };
        provide_context(live);
        let env = use_env();
        let wanted = Signal::derive(move || {
            me.may(Permission::SourcesSee).then(|| match env.get() {
                Some(env) => format!("overview?env={env}"),
                None => "overview".to_owned(),
            })
        });
        // Figures of another environment must not stay while the new ones are under way.
        Effect::new(move |before: Option<Option<String>>| {
            let topic = wanted.get();
            if before.is_some_and(|b| b != topic) {
                live.newest.set(None);
            }
            topic
        });
        follow(wanted, move |frame| {
            if let Frame::Data(json) = frame
                && let Ok(summary) = crate::wire::from_str(&json)
            {
                live.heard_at.set(Some(crate::ui::clock::browser_now()));
                live.newest.set(Some(summary));
            }
        });
        live
    }

    /// Reads the newest summary that came over the stream.
    pub fn with<T>(self, f: impl FnOnce(Option<&Summary>) -> T) -> T {
        self.newest.with(|s| f(s.as_ref()))
    }

    /// When the newest figures were counted, by the server's clock.
    pub fn last(self) -> Option<Timestamp> {
        self.with(|s| s.map(|s| s.at))
    }

    /// [`Self::last`] without following it.
    pub(crate) fn last_untracked(self) -> Option<Timestamp> {
        self.newest.with_untracked(|s| s.as_ref().map(|s| s.at))
    }

    /// Has nothing come for 10 s? `false` until the page is alive.
    pub fn stale(self) -> bool {
        let Some(now) = self.now.get() else { return false };
        self.heard_at.get().is_some_and(|at| now.micros_since(at) > STALE_US)
    }
}

/// The shell's newest summary.
pub fn use_live_summary() -> LiveSummary {
    use_context::<LiveSummary>().unwrap_or_else(|| LiveSummary {
        newest: RwSignal::new(None),
        heard_at: RwSignal::new(None),
        now: use_now(),
    })
}
