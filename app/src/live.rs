//! Live data in the browser (decision 22). `js/live.js` keeps one event stream for all tabs; here
//! components say what they want to follow and get frames while they live.

use crate::{
    access::sign_in_again,
    env::use_env,
    shell::Me,
    sources::state::standing_still,
    ui::{once::click, use_now},
};
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
    /// Nothing comes any more, until it does after all.
    Bye(Bye),
    /// Something on the way holds streams back: from now on the page asks every few seconds, or (`false`) no longer.
    Polled(bool),
}

/// Why a stream has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bye {
    SignedOut,
    NotAllowed,
    /// The server is of another build than the page.
    Outdated,
    /// It connects again by itself.
    Restarting,
    /// Too many streams are open; it is tried again by itself.
    TooMany,
    /// What is filtered by does not fit into the stream's address.
    TooLong,
    Failed,
}

impl Bye {
    #[cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "streams come to the browser"))]
    fn parse(reason: &str) -> Self {
        match reason {
            "signed_out" => Self::SignedOut,
            "not_allowed" => Self::NotAllowed,
            "outdated" => Self::Outdated,
            "restarting" => Self::Restarting,
            "too_many" => Self::TooMany,
            "too_long" => Self::TooLong,
            _ => Self::Failed,
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::SignedOut => "You are signed out",
            Self::NotAllowed => "Your roles don't show this any more",
            Self::Outdated => "Weir was updated",
            Self::Restarting => "Weir is restarting; this page connects again by itself",
            Self::TooMany => "Too many live streams are open: close some tabs",
            Self::TooLong => "This filter is too long to be followed live",
            Self::Failed => "Stopped by a failure of the server",
        }
    }

    /// Does it come back without anybody's doing?
    pub fn passes(self) -> bool {
        matches!(self, Self::Restarting | Self::TooMany)
    }

    /// What the person can do about it.
    pub fn way_out(self) -> AnyView {
        let (word, act): (_, fn()) = match self {
            Self::Restarting | Self::TooMany | Self::TooLong => return ().into_any(),
            Self::SignedOut => ("Sign in again", sign_in_again),
            Self::NotAllowed | Self::Outdated | Self::Failed => ("Reload", reload),
        };
        view! {
            <button type="button" class="btn btn--sm" on:click=click(act)>
                {word}
            </button>
        }
        .into_any()
    }
}

fn reload() {
    // Refused only where there is no page any more.
    let _ = location().reload();
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
    use super::{Bye, Frame};
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = weirLive, js_name = follow)]
        fn js_follow(topic: &str, on_frame: &Closure<dyn Fn(u8, String)>) -> u32;
        #[wasm_bindgen(js_namespace = weirLive, js_name = release)]
        fn js_release(id: u32);
    }

    /// Ends when dropped.
    pub struct Subscription {
        id: u32,
        _on_frame: Closure<dyn Fn(u8, String)>,
    }

    impl Subscription {
        pub fn new(topic: &str, on_frame: impl Fn(Frame) + 'static) -> Self {
            let on_frame = Closure::new(move |kind: u8, data: String| {
                on_frame(match kind {
                    0 => Frame::Data(data),
                    1 => Frame::Missed(data.parse().ok()),
                    3 => Frame::Polled(!data.is_empty()),
                    _ => Frame::Bye(Bye::parse(&data)),
                });
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
    ended: RwSignal<Option<Bye>>,
    polled: RwSignal<bool>,
}

impl LiveSummary {
    pub(crate) fn provide(me: Me) -> Self {
        let live = Self::silent();
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
        follow(wanted, move |frame| match frame {
            Frame::Data(json) => {
                if let Ok(summary) = crate::wire::from_str(&json) {
                    live.heard_at.set(Some(crate::ui::clock::browser_now()));
                    live.newest.set(Some(summary));
                    if live.ended.get_untracked().is_some() {
                        live.ended.set(None);
                    }
                }
            }
            Frame::Missed(_) => {}
            Frame::Polled(on) => live.polled.set(on),
            Frame::Bye(why) => live.ended.set(Some(why)),
        });
        live
    }

    fn silent() -> Self {
        Self {
            newest: RwSignal::new(None),
            heard_at: RwSignal::new(None),
            now: use_now(),
            ended: RwSignal::new(None),
            polled: RwSignal::new(false),
        }
    }

    /// Why nothing comes any more, if the server has said so.
    pub fn ended(self) -> Option<Bye> {
        self.ended.get()
    }

    /// Does the page ask every few seconds, because something on the way holds streams back?
    pub fn polled(self) -> bool {
        self.polled.get()
    }

    /// Reads the newest summary that came over the stream.
    pub fn with<T>(self, f: impl FnOnce(Option<&Summary>) -> T) -> T {
        self.newest.with(|s| f(s.as_ref()))
    }

    /// Which sources stand still; empty if none does, or none is known yet.
    pub fn trouble(self) -> String {
        self.with(|s| s.map_or_else(String::new, |s| standing_still(&s.sources)))
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
    use_context::<LiveSummary>().unwrap_or_else(LiveSummary::silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_has_words_and_only_some_pass() {
        let reasons = ["signed_out", "not_allowed", "outdated", "restarting", "too_many", "too_long", "anything"];
        let reasons = reasons.map(Bye::parse);
        for (i, one) in reasons.iter().enumerate() {
            assert!(reasons.iter().skip(i + 1).all(|other| other.words() != one.words()), "{one:?}");
        }
        assert_eq!(reasons.map(Bye::passes), [false, false, false, true, true, false, false]);
    }
}
