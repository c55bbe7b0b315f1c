//! Where the page stands. The console is written as if Weir stood at the top of its host: links, forms and routes are
//! paths of Weir's own (`/events`). Below a path (`/tools/weir`) the server puts it in front of the addresses it writes
//! (`server/src/http/address`), `js/calls.js` does so for what is drawn in the browser, and the router knows it as its
//! base. What reads the browser's own address, or hands one to it beside the router, does so here.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

#[cfg(feature = "hydrate")]
mod browser {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = weirCalls, js_name = outside)]
        pub fn outside(path: &str) -> String;
        #[wasm_bindgen(js_namespace = weirCalls, js_name = inside)]
        pub fn inside(path: &str) -> String;
    }
}

/// The server's pages are written as if Weir stood at the top.
#[cfg(not(feature = "hydrate"))]
mod browser {
    pub fn outside(path: &str) -> String {
        path.to_owned()
    }
    pub fn inside(path: &str) -> String {
        path.to_owned()
    }
}

/// The router's base: empty, or the path that Weir stands under.
pub(crate) fn root() -> String {
    browser::outside("/").trim_end_matches('/').to_owned()
}

/// The page's path within Weir: `/events`, wherever Weir stands.
pub(crate) fn here() -> Memo<String> {
    let pathname = use_location().pathname;
    Memo::new(move |_| pathname.with(|path| browser::inside(path)))
}

/// The page's query.
pub(crate) fn query() -> Memo<String> {
    use_location().search
}

/// The page's path within Weir and its query, now.
pub(crate) fn here_now() -> String {
    browser::inside(&location_pathname().unwrap_or_default()) + &location().search().unwrap_or_default()
}

/// Goes to a path within Weir, within the page. The router's own way would leave the slash of `/tools/weir/` away, and
/// there are proxies that serve nothing at `/tools/weir`.
pub(crate) fn navigator() -> impl Fn(&str, NavigateOptions) + Clone {
    let navigate = use_navigate();
    move |path, options| navigate(&browser::outside(path), NavigateOptions { resolve: false, ..options })
}

/// The whole address of a path within Weir, to be kept or sent to somebody.
pub(crate) fn whole(path: &str) -> String {
    location().origin().unwrap_or_default() + &browser::outside(path)
}

/// Leaves this page for a path within Weir, which is loaded anew.
pub(crate) fn leave_for(path: &str) {
    // Leaving can only fail where there is no page to leave.
    let _ = location().set_href(&browser::outside(path));
}

/// Opens a path within Weir in another tab.
pub(crate) fn open(path: &str) {
    // A blocked pop-up is the browser's to tell.
    let _ = window().open_with_url_and_target(&browser::outside(path), "_blank");
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    fn each(dir: &Path, look: &mut dyn FnMut(&str, &str)) {
        for entry in fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                each(&path, look);
            } else {
                look(&path.to_string_lossy(), &fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn nothing_else_reads_or_sets_the_browser_s_address() {
        let browser_s = [
            "use_location",
            "use_navigate",
            "location_pathname",
            "location_hash",
            "set_href",
            "open_with_url",
            ".origin()",
        ];
        each(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut |file, text| {
            let found: Vec<_> = browser_s.iter().filter(|word| text.contains(**word)).collect();
            assert!(
                found.is_empty() || file.ends_with("src/address.rs"),
                "{file} has {found:?}: see app/src/address.rs"
            );
        });
    }

    #[test]
    fn scripts_put_their_addresses_outside() {
        each(&Path::new(env!("CARGO_MANIFEST_DIR")).join("js"), &mut |file, text| {
            let names_one = |line: &str| {
                let follows = |(at, _)| line[at + 2..].starts_with(|c: char| c.is_ascii_lowercase());
                ["\"/", "`/", "'/"].iter().any(|begin| line.match_indices(begin).any(follows))
            };
            for line in text.lines().filter(|line| names_one(line)) {
                assert!(["outside(", "inside(", "ask("].iter().any(|of| line.contains(of)), "{file}: {line}");
            }
        });
    }
}
