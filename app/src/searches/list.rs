use super::address::words;
use crate::{
    drawn,
    events::line,
    ui::{Empty, Pill, Tone},
};
use leptos::prelude::*;
use weir_domain::searches::{LONGEST_NAME, SavedSearch};

/// The page that a search opens.
fn href(search: &SavedSearch) -> String {
    match search.address.as_str() {
        "" => "/events".to_owned(),
        query => format!("/events?{query}"),
    }
}

pub(super) fn own(all: &[&SavedSearch]) -> AnyView {
    if all.is_empty() {
        return view! {
            <section class="panel" aria-label="Your searches">
                <Empty title="You have saved no search">
                    <p>"On the page Events, ask for what you need again and again, and save it under a name."</p>
                    <a class="btn btn--primary" href="/events">
                        "Events"
                    </a>
                </Empty>
            </section>
        }
        .into_any();
    }
    let rows = all.iter().map(|search| row(search)).collect_view();
    table("Your searches", "Changed", rows.into_any())
}

pub(super) fn others(all: &[&SavedSearch]) -> AnyView {
    if all.is_empty() {
        return ().into_any();
    }
    let rows = all
        .iter()
        .map(|search| {
            view! {
                <tr>
                    {question(search)} <td class="wrap">{line(&search.owner_name)}</td> <td></td>
                </tr>
            }
        })
        .collect_view();
    table("Shared by others", "By", rows.into_any())
}

fn table(title: &'static str, second: &'static str, rows: AnyView) -> AnyView {
    view! {
        <section class="panel" aria-label=title>
            <div class="panel__head">
                <h2 class="panel__title">{title}</h2>
            </div>
            <div class="tablewrap">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Search"</th>
                            <th scope="col">{second}</th>
                            <th scope="col">
                                <span class="vh">"Change"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// Its name, which opens it, and what it asks for.
fn question(search: &SavedSearch) -> AnyView {
    let asks = words(&search.address)
        .into_iter()
        .map(|(name, value)| {
            view! {
                <span class="searches-part">
                    <span class="muted">{name}</span>
                    " "
                    <span class="mono">{line(&value)}</span>
                </span>
            }
        })
        .collect_view();
    view! {
        <th scope="row" class="wrap">
            <div class="stack">
                <a href=href(search)>{line(&search.name)}</a>
                <span class="small">{asks}</span>
            </div>
        </th>
    }
    .into_any()
}

fn row(search: &SavedSearch) -> AnyView {
    let shared = search.shared.then(|| view! { <Pill tone=Tone::Info icon="people" text="shared" /> });
    let (share, means) = if search.shared { ("Make it private", "no") } else { ("Share", "yes") };
    let id = &search.id.0;
    let about = format!(" {}", search.name);
    view! {
        <tr>
            {question(search)} <td>{drawn::time(search.changed)} " " {shared}</td> <td class="num">
                <div class="searches-acts">
                    <details class="sure">
                        <summary class="btn btn--sm">"Rename…" <span class="vh">{about.clone()}</span></summary>
                        <form method="post" action="/searches/rename" class="row">
                            <input type="hidden" name="id" value=id.clone() />
                            <input
                                class="input"
                                name="name"
                                value=search.name.clone()
                                required
                                maxlength=LONGEST_NAME.to_string()
                                autocomplete="off"
                                aria-label="New name"
                            />
                            <button type="submit" class="btn btn--sm btn--primary">
                                "Rename"
                            </button>
                        </form>
                    </details>
                    <form method="post" action="/searches/share">
                        <input type="hidden" name="id" value=id.clone() />
                        <input type="hidden" name="shared" value=means />
                        <button type="submit" class="btn btn--sm">
                            {share}
                            <span class="vh">{about.clone()}</span>
                        </button>
                    </form>
                    // Opening it is the question whether one means it.
                    <details class="sure">
                        <summary class="btn btn--sm">"Remove…" <span class="vh">{about}</span></summary>
                        <form method="post" action="/searches/remove">
                            <input type="hidden" name="id" value=id.clone() />
                            <button type="submit" class="btn btn--sm btn--danger-solid">
                                "Remove it now"
                            </button>
                        </form>
                    </details>
                </div>
            </td>
        </tr>
    }
    .into_any()
}
