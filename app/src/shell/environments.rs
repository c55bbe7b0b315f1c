use super::me::Me;
use crate::{
    address,
    env::use_env,
    ui::{Icon, varying},
};
use leptos::prelude::*;
use weir_domain::catalog::EnvironmentShown;

/// Which environment the pages show: one, or all. Production is marked in words.
#[component]
pub(super) fn Environments(me: Me) -> impl IntoView {
    let switcher = me.show(|me| switcher(me.environments));
    view! { <div class="environments">{switcher}</div> }.into_any()
}

fn switcher(list: Vec<EnvironmentShown>) -> AnyView {
    let env = use_env();
    let path = address::here();
    let items = {
        let list = list.clone();
        move || {
            let page = path.with(|p| section(p).to_owned());
            let chosen = env.get();
            let mut items = vec![item(page.clone(), None, chosen.is_none())];
            items.extend(list.iter().map(|e| item(format!("{page}?env={}", e.id), Some(e), chosen == Some(e.id))));
            items.into_any()
        }
    };
    let chosen = move || labelled(env.get().and_then(|id| list.iter().find(|e| e.id == id)));
    view! {
        <button type="button" class="btn btn--ghost btn--sm env" popovertarget="env-menu" title="Environment">
            {varying(chosen)}
            <Icon name="down" small=true />
        </button>
        <div class="menu menu--env" id="env-menu" popover="auto">
            {items}
        </div>
    }
    .into_any()
}

/// A link to this page in another environment. What belongs to the old one (selection, source) is left behind.
fn item(href: String, e: Option<&EnvironmentShown>, current: bool) -> AnyView {
    view! {
        <a class="menu__item" href=href aria-current=if current { "true" } else { "false" } on:click=|_| close_menu()>
            {labelled(e)}
        </a>
    }
    .into_any()
}

/// A name with its colour, and the word where it is production; `None` is all of them.
fn labelled(e: Option<&EnvironmentShown>) -> AnyView {
    let name = e.map_or("All environments", |e| &e.name).to_owned();
    let colour = e.and_then(|e| e.colour.as_deref()).unwrap_or_default();
    view! {
        <span class="row">
            <span class=format!("env__dot env__dot--{colour}") aria-hidden="true" hidden=colour.is_empty()></span>
            <span class="trunc">{name}</span>
            <span class="tag tag--warn" hidden=!e.is_some_and(|e| e.production)>
                "production"
            </span>
        </span>
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
