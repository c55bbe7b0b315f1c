use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// One labelled field of a form.
#[component]
pub(super) fn Field(
    name: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] hint: Option<&'static str>,
    #[prop(optional)] min: Option<u32>,
    #[prop(default = 200)] max: u32,
    #[prop(optional)] autofocus: bool,
    /// What stands there at first.
    #[prop(optional, into)]
    value: Option<String>,
) -> impl IntoView {
    // Led back here by a mistake: what was typed stands again, but for passwords.
    let typed = use_query_map().with_untracked(|q| q.get(name)).filter(|_| kind != "password").or(value);
    let hint_id = hint.map(|_| format!("{name}-hint"));
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input"
                id=name
                name=name
                type=kind
                value=typed
                autocomplete=autocomplete
                required
                autofocus=autofocus
                minlength=min
                maxlength=max
                aria-describedby=hint_id.clone()
                spellcheck="false"
                autocapitalize="none"
            />
            {hint.map(|hint| view! { <span class="field__hint" id=hint_id>{hint}</span> })}
        </div>
    }
    .into_any()
}
