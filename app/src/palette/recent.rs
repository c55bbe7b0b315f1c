//! The last keys looked for. Kept for the tab only: a key is a customer's data, and the next person at
//! this browser must not find it.

const NAME: &str = "weir.recent-keys";
const MOST: usize = 5;

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// Newest first, at most five.
pub fn all() -> Vec<String> {
    let text = storage().and_then(|s| s.get_item(NAME).ok()).flatten().unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Puts a key in front.
pub fn add(key: &str) {
    let mut keys = all();
    keys.retain(|k| k != key);
    keys.insert(0, key.to_owned());
    keys.truncate(MOST);
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&keys)) {
        // Full or forbidden storage only costs the list of recent keys.
        let _ = storage.set_item(NAME, &text);
    }
}
