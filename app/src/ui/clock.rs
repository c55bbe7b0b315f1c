//! The page's clock and zone. The server and the first render know neither: both start unset, so
//! that hydration finds what the server wrote, and are filled in once the page is alive.

use leptos::prelude::*;
use weir_domain::Timestamp;

/// Which zone times are shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    #[default]
    Utc,
    /// The browser's own.
    Local,
}

#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub now: RwSignal<Option<Timestamp>>,
    pub zone: RwSignal<Zone>,
}

impl Clock {
    /// Provides the clock to everything below and lets it tick once a second.
    pub(crate) fn provide() -> Self {
        let clock = Self { now: RwSignal::new(None), zone: RwSignal::new(Zone::Utc) };
        provide_context(clock);
        super::once::effect(move || {
            clock.now.set(Some(browser_now()));
            let tick =
                set_interval_with_handle(move || clock.now.set(Some(browser_now())), std::time::Duration::from_secs(1));
            if let Ok(tick) = tick {
                on_cleanup(move || tick.clear());
            }
        });
        clock
    }
}

/// The browser's time, ticking once a second; `None` on the server and until the page is alive.
pub fn use_now() -> Signal<Option<Timestamp>> {
    use_context::<Clock>().map_or_else(|| Signal::stored(None), |c| c.now.into())
}

/// The zone times are shown in.
pub fn use_zone() -> Signal<Zone> {
    use_context::<Clock>().map_or_else(|| Signal::stored(Zone::Utc), |c| c.zone.into())
}

/// The browser's clock. Only for showing how long ago something was.
pub(crate) fn browser_now() -> Timestamp {
    Timestamp::from_millis(js_sys::Date::now() as i64)
}

/// Microseconds to add to UTC to get the browser's local time at that moment.
pub(crate) fn local_offset(at: Timestamp) -> i64 {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.millis() as f64));
    let minutes = date.get_timezone_offset();
    if minutes.is_finite() { -(minutes as i64) * 60_000_000 } else { 0 }
}
