use super::words::may;
use crate::drawn::Echo;
use leptos::prelude::*;
use weir_domain::access::{Role, people::PersonShown};

/// What the form of a person holds: as it was typed, or as it stands.
pub(super) struct Typed {
    pub login: String,
    pub name: String,
    pub version: String,
    pub roles: Vec<String>,
    pub grants: Vec<Row>,
}

/// One grant of the form: ids as texts, empty for any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub environment: String,
    pub source: String,
    pub pattern: String,
}

impl Typed {
    /// `None`: no such form was sent.
    pub fn of(echo: &Echo) -> Option<Self> {
        let name = echo.typed("name")?.to_owned();
        let text = |name: &str| echo.typed(name).unwrap_or_default().to_owned();
        let places = echo.all("environment").zip(echo.all("source")).zip(echo.all("pattern"));
        let grants = places.map(|((environment, source), pattern)| Row {
            environment: environment.to_owned(),
            source: source.to_owned(),
            pattern: pattern.to_owned(),
        });
        Some(Self {
            login: text("login"),
            name,
            version: text("version"),
            roles: echo.all("role").map(str::to_owned).collect(),
            grants: grants.collect(),
        })
    }

    pub fn as_it_stands(p: &PersonShown) -> Self {
        let row = |g: &weir_domain::access::people::GrantShown| Row {
            environment: g.grant.environment.map(|e| e.to_string()).unwrap_or_default(),
            source: g.grant.source.map(|s| s.to_string()).unwrap_or_default(),
            pattern: g.grant.channel_pattern.clone(),
        };
        Self {
            login: p.login.clone(),
            name: p.name.clone(),
            version: p.version.to_string(),
            roles: p.roles.iter().map(|r| r.as_str().to_owned()).collect(),
            grants: p.grants.iter().map(row).collect(),
        }
    }

    /// For somebody new: one row to fill in.
    pub fn fresh() -> Self {
        Self {
            login: String::new(),
            name: String::new(),
            version: String::new(),
            roles: vec![Role::Viewer.as_str().to_owned()],
            grants: vec![Row::default()],
        }
    }
}

/// A labelled text of a form.
pub(crate) fn text(name: &'static str, label: &'static str, value: &str, longest: u32, hint: &'static str) -> AnyView {
    let hint_id = format!("{name}-hint");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input"
                id=name
                name=name
                value=value.to_owned()
                required
                maxlength=longest
                autocomplete="off"
                spellcheck="false"
                aria-describedby=hint_id.clone()
            />
            <span class="field__hint" id=hint_id>
                {hint}
            </span>
        </div>
    }
    .into_any()
}

/// Every role with what it may.
pub(super) fn roles(chosen: &[String]) -> AnyView {
    let each = Role::ALL.iter().map(|role| {
        let name = role.as_str();
        view! {
            <label class="role">
                <input type="checkbox" name="role" value=name checked=chosen.iter().any(|r| r == name) />
                <b class="med">{name}</b>
                <span class="soft">{may(*role)}</span>
            </label>
        }
    });
    view! {
        <fieldset class="fieldset">
            <legend class="field__label">"Roles: what they may do"</legend>
            <div class="roles">{each.collect_view()}</div>
        </fieldset>
    }
    .into_any()
}
