use leptos::prelude::*;

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
) -> impl IntoView {
    let hint_id = hint.map(|_| format!("{name}-hint"));
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input"
                id=name
                name=name
                type=kind
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
