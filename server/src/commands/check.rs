use std::path::Path;

use crate::{
    cli::{Failure, say},
    config::Loaded,
};

/// `weir check`: mistakes have been told already when this is reached.
pub fn run(file: &Path, loaded: &Loaded) -> Result<(), Failure> {
    for (variable, near) in &loaded.near_misses {
        say(&format!("Note: the variable {variable} means nothing here; did you mean {near}?"))?;
    }
    let config = &loaded.config;
    let sources: Vec<_> =
        config.sources.iter().map(|s| format!("  {} ({}): {}", s.name, s.kind, s.description())).collect();
    say(&format!("{}: no mistakes. Serves {}, taps {}.", file.display(), config.base_url(), count(sources.len())))?;
    if sources.is_empty() { Ok(()) } else { say(&sources.join("\n")) }
}

fn count(sources: usize) -> String {
    match sources {
        0 => "no source yet".into(),
        1 => "1 source".into(),
        n => format!("{n} sources"),
    }
}
