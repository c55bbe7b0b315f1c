//! The environment a page looks at: `?env=<id>`, or all of them. Every link of the shell keeps it.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use weir_domain::EnvironmentId;

/// Which environment the page shows; `None` is all. Provided to everything inside the router.
#[derive(Clone, Copy)]
pub struct Env(Memo<Option<EnvironmentId>>);

impl Env {
    /// Reads `?env=`; a value that is no number counts as "all".
    pub fn provide() -> Self {
        let query = use_query_map();
        let env = Self(Memo::new(move |_| query.with(|q| q.get_str("env").and_then(|s| s.parse().ok()))));
        provide_context(env);
        env
    }

    pub fn get(self) -> Option<EnvironmentId> {
        self.0.get()
    }

    /// `path` (which may have a query or fragment of its own) within the present environment.
    pub fn link(self, path: &str) -> String {
        keep(path, self.0.get())
    }
}

/// The environment of the page this is called in.
pub fn use_env() -> Env {
    use_context::<Env>().unwrap_or_else(Env::provide)
}

fn keep(path: &str, env: Option<EnvironmentId>) -> String {
    let Some(env) = env else { return path.to_owned() };
    let (path, fragment) = path.split_once('#').map_or((path, None), |(p, f)| (p, Some(f)));
    let joint = if path.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|f| format!("#{f}")).unwrap_or_default();
    format!("{path}{joint}env={env}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_environment() {
        let env = Some(EnvironmentId(3));
        assert_eq!(keep("/events", None), "/events");
        assert_eq!(keep("/events", env), "/events?env=3");
        assert_eq!(keep("/events?key=a", env), "/events?key=a&env=3");
        assert_eq!(keep("/help#gaps", env), "/help?env=3#gaps");
    }
}
