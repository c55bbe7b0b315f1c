use super::{facets::facets, filter_bar::filter_bar, inspector::drawer, keys, list::list, live_tail, state::Page};
use crate::ui::varying;
use leptos::prelude::*;
use leptos_meta::Title;

/// The Events page: where is this event, what was in it, and did the search look everywhere?
#[component]
pub fn Events() -> impl IntoView {
    let page = Page::new();
    let names = super::facets::Names::load();
    keys::bind(page);
    live_tail::run(page);
    let open = Memo::new(move |_| page.place.with(|p| p.sel.is_some()));
    let inspector = drawer(page);
    view! {
        <Title text="Events · Weir" />
        <div class="ev" class:ev--open=varying(move || open.get())>
            {facets(page, names)}
            <section class="ev__main" aria-label="Search">
                {filter_bar(page, names)}
                <div data-part="/breakdown?"></div>
                {list(page)}
            </section>
            {inspector}
        </div>
    }
    .into_any()
}
