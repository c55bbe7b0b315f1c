use super::me::Me;
use crate::{env::use_env, ui::Icon};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use weir_domain::catalog::EnvironmentShown;

/// Which environment the pages show: one, or all. Production is marked in words.
#[component]
pub(super) fn Environments(me: Me) -> impl IntoView {
    view! {
        <div class="environments">
            <Suspense fallback=|| view! { <span class="skel" style="width:6rem"></span> }>
                {move || Suspend::new(async move {
                    let list = me.resource().await.map(|me| me.environments).unwrap_or_default();
                    view! { <Switcher list /> }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn Switcher(list: Vec<EnvironmentShown>) -> impl IntoView {
    let env = use_env();
    let list = StoredValue::new(list);
    let chosen = move || env.get().and_then(|id| list.with_value(|l| l.iter().find(|e| e.id == id).cloned()));
    let items = move || {
        let all = (None, "All environments".to_owned(), false);
        let each =
            list.with_value(|l| l.iter().map(|e| (Some(e.id), e.name.clone(), e.production)).collect::<Vec<_>>());
        std::iter::once(all)
            .chain(each)
            .map(|(id, name, production)| {
                view! { <Item id name production /> }
            })
            .collect_view()
    };
    view! {
        <button type="button" class="btn btn--ghost btn--sm env" popovertarget="env-menu" title="Environment">
            <span class="trunc">{move || chosen().map_or_else(|| "All environments".to_owned(), |e| e.name)}</span>
            {move || chosen().filter(|e| e.production).map(|_| view! { <span class="tag tag--warn">"production"</span> })}
            <Icon name="down" small=true />
        </button>
        <div class="menu menu--env" id="env-menu" popover="auto">
            {items}
        </div>
    }
    .into_any()
}

/// A link to this page in another environment. What belongs to the old one (selection, source) is left behind.
#[component]
fn Item(id: Option<weir_domain::EnvironmentId>, name: String, production: bool) -> impl IntoView {
    let env = use_env();
    let path = use_location().pathname;
    let href = move || {
        let page = path.with(|p| section(p).to_owned());
        id.map_or_else(|| page.clone(), |id| format!("{page}?env={id}"))
    };
    let current = move || (env.get() == id).then_some("true");
    view! {
        <a class="menu__item" href=href aria-current=current on:click=|_| close_menu()>
            <span class="trunc">{name}</span>
            {production.then(|| view! { <span class="tag tag--warn">"production"</span> })}
        </a>
    }
    .into_any()
}

/// The list a page belongs to: `/sources/3` is of one environment, `/sources` is there in all.
fn section(path: &str) -> &str {
    let end = path.char_indices().skip(1).find(|(_, c)| *c == '/').map_or(path.len(), |(i, _)| i);
    &path[..end]
}

fn close_menu() {
    if let Some(menu) = document().get_element_by_id("env-menu") {
        use wasm_bindgen::JsCast as _;
        if let Some(menu) = menu.dyn_ref::<web_sys::HtmlElement>() {
            // Refused only when it is closed already.
            let _ = menu.hide_popover();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_leads_to_its_list() {
        assert_eq!(section("/sources/3"), "/sources");
        assert_eq!(section("/events"), "/events");
        assert_eq!(section("/"), "/");
        assert_eq!(section(""), "");
    }
}
