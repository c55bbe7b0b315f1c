//! What a person chose in this browser. Kept in local storage and read once the page is alive;
//! the theme alone is set earlier, by `js/early.js`.

use crate::ui::{Zone, clock::Clock, once::effect};
use leptos::prelude::*;

const THEME: &str = "weir.theme";
const ZONE: &str = "weir.zone";
const KEYS: &str = "weir.keys";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
    pub const fn icon(self) -> &'static str {
        match self {
            Self::System => "screen",
            Self::Light => "sun",
            Self::Dark => "moon",
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Preferences {
    pub theme: RwSignal<Theme>,
    pub zone: RwSignal<Zone>,
    /// Do single keys act?
    pub single_keys: RwSignal<bool>,
}

impl Preferences {
    pub fn provide(clock: Clock) -> Self {
        let preferences =
            Self { theme: RwSignal::new(Theme::System), zone: clock.zone, single_keys: RwSignal::new(true) };
        provide_context(preferences);
        effect(move || preferences.read());
        preferences
    }

    fn read(self) {
        if let Some(theme) = stored(THEME).and_then(|s| Theme::ALL.into_iter().find(|t| t.as_str() == s)) {
            self.theme.set(theme);
        }
        if stored(ZONE).as_deref() == Some("local") {
            self.zone.set(Zone::Local);
        }
        if stored(KEYS).as_deref() == Some("off") {
            self.single_keys.set(false);
        }
    }

    pub fn choose_theme(self, theme: Theme) {
        self.theme.set(theme);
        store(THEME, theme.as_str());
        let Some(root) = document().document_element() else { return };
        // The page keeps its colours if the attribute can't be changed.
        let _ = match theme {
            Theme::System => root.remove_attribute("data-theme"),
            _ => root.set_attribute("data-theme", theme.as_str()),
        };
    }

    pub fn toggle_zone(self) {
        let zone = if self.zone.get_untracked() == Zone::Utc { Zone::Local } else { Zone::Utc };
        self.zone.set(zone);
        store(ZONE, if zone == Zone::Local { "local" } else { "utc" });
    }

    pub fn choose_single_keys(self, on: bool) {
        self.single_keys.set(on);
        store(KEYS, if on { "on" } else { "off" });
    }
}

pub(super) fn use_preferences() -> Option<Preferences> {
    use_context()
}

/// Storage can be switched off in a browser; then choices last as long as the page.
fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn stored(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

fn store(name: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full or forbidden store costs the choice its memory, nothing else.
        let _ = storage.set_item(name, value);
    }
}
