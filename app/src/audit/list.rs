//! The log: newest first, page by page.

use super::{
    Asked,
    filters::filters,
    rows::{object, outcome, person, remote},
    words,
};
use crate::{
    Failure, RequestContext, drawn,
    ui::{Banner, Empty, ErrorPanel, Icon, format},
};
use leptos::prelude::*;
use weir_domain::{
    AppError, ErrorKind, Timestamp,
    audit::{AuditPage, Entry},
};

/// Entries of one page.
const ROWS: u32 = 100;

/// What the page needs.
pub(crate) struct Loaded {
    asked: Asked,
    now: Timestamp,
    page: Result<AuditPage, Failure>,
}

pub(crate) async fn load_list(cx: &RequestContext, query: &str) -> Loaded {
    let (asked, now) = (Asked::parse(query), cx.cases.events.now());
    let page = page(cx, &asked, now).await;
    Loaded { asked, now, page }
}

async fn page(cx: &RequestContext, asked: &Asked, now: Timestamp) -> Result<AuditPage, Failure> {
    let question = asked.question(now).map_err(|e: AppError| Failure::from(e))?;
    cx.told(cx.cases.audit.list(&cx.caller()?, &question, asked.before, ROWS).await)
}

pub(crate) fn list(loaded: Loaded) -> AnyView {
    let Loaded { asked, now, page } = loaded;
    let may = !matches!(&page, Err(failure) if failure.0.kind == ErrorKind::NotAllowed);
    let filters = may.then(|| view! { <div class="panel__body">{filters(&asked, now)}</div> });
    let (body, export) = match page {
        Ok(page) => (entries(&asked, page), true),
        Err(failure) => (view! { <ErrorPanel failure /> }.into_any(), false),
    };
    let export = export.then(|| {
        view! {
            <a class="btn push" href=asked.export_href() download="" rel="external">
                <Icon name="download" />
                "Export (NDJSON)"
            </a>
        }
    });
    view! {
        <div class="page">
            <div class="page__head">
                <h1 class="page__title">"Audit"</h1>
                <span class="page__sub">"who did what, and who saw what; kept for 400 days, in all environments"</span>
                {export}
            </div>
            {may.then(|| about_a_key(&asked))}
            <section class="panel" aria-label="Audit log">
                {filters}
                {body}
            </section>
        </div>
    }
    .into_any()
}

/// What is answered when a key or an event is asked for.
fn about_a_key(asked: &Asked) -> AnyView {
    let what = match (&asked.seen, &asked.key) {
        (Some(_), _) => "Whoever opened this event, or was shown or searched for an event with its key.",
        (None, Some(_)) => "Whoever was shown an event with this key, or searched for it.",
        (None, None) => return ().into_any(),
    };
    view! {
        <Banner icon="search">
            <b class="strong">{what}</b>
            " Lists and live tails count too: each says how much it showed. Keys are found by their hash; another key with the same one is all but impossible."
        </Banner>
    }
    .into_any()
}

fn entries(asked: &Asked, page: AuditPage) -> AnyView {
    let AuditPage { entries, next } = page;
    let older = next.map(|next| {
        let href = asked.older(next).href();
        view! {
            <a class="btn btn--sm" href=href rel="next">
                "Older"
            </a>
        }
    });
    let newest = asked.before.map(|_| {
        view! {
            <a class="btn btn--sm" href=asked.newest().href()>
                "Newest"
            </a>
        }
    });
    if entries.is_empty() && next.is_none() {
        let nothing = nothing(asked);
        return view! { <Empty title="No entry">{nothing}</Empty> }.into_any();
    }
    let count = format::count(entries.len() as u64, "entry", "entries");
    let rows: Vec<AnyView> = entries.iter().map(row).collect();
    view! {
        <div class="tablewrap">
            <table class="table table--two au-log">
                <thead>
                    <tr>
                        <th scope="col">"Time, UTC"</th>
                        <th scope="col">"Person"</th>
                        <th scope="col">"Act"</th>
                        <th scope="col">"About"</th>
                        <th scope="col">"Outcome"</th>
                        <th scope="col" class="hide-m">
                            "From"
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <div class="panel__foot">
            <span>{format!("{count}, newest first")}</span>
            <span class="push row">{newest} {older}</span>
        </div>
    }
    .into_any()
}

fn nothing(asked: &Asked) -> AnyView {
    let words = match (asked.before, asked.is_filter()) {
        (Some(_), _) => "There is nothing older.",
        (None, true) => "Nothing in the log fits this filter. Take something out of it.",
        (None, false) => "Nothing has been done yet.",
    };
    let to = if asked.before.is_some() { asked.newest() } else { asked.bare() };
    view! {
        <p>{words}</p>
        <a class="btn btn--primary" href=to.href()>
            "All entries"
        </a>
    }
    .into_any()
}

fn row(entry: &Entry) -> AnyView {
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/audit/{}", entry.id) title="Everything of this entry">
                    {drawn::time(entry.at)}
                </a>
            </th>
            <td class="au-who">{person(entry)}</td>
            <td class="fill">
                <span class="cell2">
                    <span class="trunc">{words::act(&entry.use_case)}</span>
                    <span class="trunc">{words::more(entry)}</span>
                </span>
            </td>
            <td class="au-object">{object(entry)}</td>
            <td>{outcome(&entry.outcome)}</td>
            <td class="hide-m">{remote(entry)}</td>
        </tr>
    }
    .into_any()
}
