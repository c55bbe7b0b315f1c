//! The last keys looked for. Kept for the tab only: a key is a customer's data, and the next person at
//! this browser must not find it.

use wasm_bindgen::JsCast as _;

const NAME: &str = "weir.recent-keys";
const MOST: usize = 5;

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// Newest first, at most five.
pub fn all() -> Vec<String> {
    let text = storage().and_then(|s| s.get_item(NAME).ok()).flatten();
    let keys = text.and_then(|text| js_sys::JSON::parse(&text).ok()?.dyn_into::<js_sys::Array>().ok());
    keys.map(|keys| keys.iter().filter_map(|key| key.as_string()).take(MOST).collect()).unwrap_or_default()
}

/// Puts a key in front.
pub fn add(key: &str) {
    let mut keys = all();
    keys.retain(|k| k != key);
    keys.insert(0, key.to_owned());
    keys.truncate(MOST);
    let keys: js_sys::Array = keys.iter().map(|key| wasm_bindgen::JsValue::from_str(key)).collect();
    if let (Some(storage), Ok(text)) = (storage(), js_sys::JSON::stringify(&keys)) {
        // Full or forbidden storage only costs the list of recent keys.
        let _ = storage.set_item(NAME, &String::from(text));
    }
}
