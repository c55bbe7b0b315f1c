use super::{
    facets::{Facets, names},
    filter_bar::FilterBar,
    inspector::Drawer,
    keys,
    list::List,
    live_tail,
    state::Page,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The Events page: where is this event, what was in it, and did the search look everywhere?
#[component]
pub fn Events() -> impl IntoView {
    let page = Page::provide();
    let names = names();
    keys::bind(page);
    live_tail::run(page);
    let open = Memo::new(move |_| page.place.with(|p| p.sel.is_some()));
    view! {
        <Title text="Events · Weir" />
        <div class="ev" class:ev--open=move || open.get()>
            <Facets names />
            <section class="ev__main" aria-label="Search">
                <FilterBar names />
                <List />
            </section>
            {move || open.get().then(|| view! { <Drawer /> })}
        </div>
    }
    .into_any()
}
