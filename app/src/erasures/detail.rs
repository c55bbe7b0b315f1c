use super::{
    new::reach,
    words::{of_what, pill, wherever},
};
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, Echo, head, time},
    events::{line, visible},
    help,
    ui::{Banner, format},
};
use leptos::prelude::*;
use weir_domain::{
    ErasureId,
    erasures::{Counted, ErasurePage, ErasureState, LONGEST_WORD},
};

const TITLE: &str = "Erasure";
const DONE: &[(&str, &str)] = &[
    ("asked", "It is being counted. Then somebody else who may erase decides."),
    ("approved", "Approved. It is carried out now."),
    ("declined", "Declined; what it was to erase is forgotten."),
    ("withdrawn", "Withdrawn; what it was to erase is forgotten."),
];

/// The page at `/erasures/{id}`, which also answers its forms.
pub(crate) async fn detail(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let found = match cx.caller_in(address.environment()) {
        Ok(caller) => cx.told(cx.cases.erasures.detail(&caller, &ErasureId(id.to_owned())).await),
        Err(failure) => Err(failure),
    };
    match found {
        Ok(Some(page)) => drawn::page(TITLE, || shown(&page, address)),
        Ok(None) => drawn::page(TITLE, help::not_found),
        Err(failure) => drawn::not_known(TITLE, failure),
    }
}

fn shown(page: &ErasurePage, address: &Address) -> AnyView {
    let request = &page.request;
    let echo = Echo::here();
    let back = view! {
        <a class="btn btn--ghost" href="/erasures">
            "Erasures"
        </a>
    };
    let title = format!("Erasure of {}", of_what(request.kind));
    let ends = request.state.is_open().then_some(reach);
    view! {
        <div class="page page--text">
            {head(title, format!("in {}", wherever(request)), back.into_any())} {drawn::done(address, DONE)}
            {drawn::failure(&echo)} {facts(page)} {counted(page)} {acts(page, &echo)} {ends.map(|f| f())}
        </div>
    }
    .into_any()
}

fn facts(page: &ErasurePage) -> AnyView {
    let r = &page.request;
    let subject = match (&page.subject, r.state) {
        (Some(subject), _) => view! { <pre class="mono wrap">{visible::plain(subject)}</pre> }.into_any(),
        (None, ErasureState::Counting | ErasureState::Waiting | ErasureState::Running) => {
            view! { <span class="muted">"shown to who sees all of its channels"</span> }.into_any()
        }
        (None, _) => view! { <span class="muted">"forgotten"</span> }.into_any(),
    };
    let decided = r.decided_name.as_deref().zip(r.decided_at).map(|(name, at)| {
        let name = line(name);
        let what = match r.state {
            ErasureState::Declined => "Declined",
            ErasureState::Withdrawn => "Withdrawn",
            _ => "Approved",
        };
        view! {
            <dt>{what}</dt>
            <dd>{name} " " {time(at)}</dd>
        }
    });
    let word = (!r.word.is_empty()).then(|| {
        view! {
            <dt>"With the word"</dt>
            <dd class="wrap">{line(&r.word)}</dd>
        }
    });
    let ends = r.state.is_open().then(|| {
        view! {
            <dt>"Ends undecided"</dt>
            <dd>{time(r.ends_at)}</dd>
        }
    });
    let done = (r.state == ErasureState::Done).then_some(r.ended_at).flatten().map(|at| {
        view! {
            <dt>"Done"</dt>
            <dd>{time(at)}</dd>
        }
    });
    let erased = (r.decided_at.is_some() && !matches!(r.state, ErasureState::Declined | ErasureState::Withdrawn)).then(|| {
        view! {
            <dt>"Erased"</dt>
            <dd>{format::count(r.erased, "event", "events")} ", " {format::count(r.searches.into(), "saved search or link", "saved searches and links")}</dd>
        }
    });
    view! {
        <section class="panel" aria-label="The request">
            <dl class="facts panel__body">
                <dt>"State"</dt>
                <dd>{pill(r.state)}</dd>
                <dt>"To be erased"</dt>
                <dd>{subject}</dd>
                <dt>"Why"</dt>
                <dd class="wrap">{line(&r.reason)}</dd>
                <dt>"Asked"</dt>
                <dd>{line(&r.asked_name)} " " {time(r.asked_at)}</dd>
                {ends}
                {decided}
                {word}
                {erased}
                {done}
            </dl>
            {notes(page)}
        </section>
    }
    .into_any()
}

/// What stands in the way, or was left.
fn notes(page: &ErasurePage) -> AnyView {
    let r = &page.request;
    let held: u64 = page.counted.iter().map(|(_, c)| c.held).sum();
    let mut notes = Vec::new();
    let holds = page.holds.join(", ");
    if r.left_held > 0 {
        notes.push(format!(
            "{} left: held by {}.",
            format::count(r.left_held, "event", "events"),
            visible::plain(&holds)
        ));
    } else if held > 0 && r.state.is_open() {
        notes.push(format!(
            "{} held by {}: it can't be approved.",
            format::count(held, "event is", "events are"),
            visible::plain(&holds)
        ));
    }
    if r.unreadable > 0 {
        let blocks = format::count(r.unreadable, "block", "blocks");
        notes.push(format!("{blocks} can't be read; nothing was erased there. The server's log says which."));
    }
    if r.state == ErasureState::Cleaning {
        notes.push("Everything is rewritten. The database gives up what its tables held before as soon as no older transaction is left; for tombstones at most once in ten minutes, for all of them together.".into());
    }
    let notes = notes.into_iter().map(|words| {
        view! {
            <Banner tone="banner--warn" icon="warn">
                {words}
            </Banner>
        }
    });
    notes.collect_view().into_any()
}

fn counted(page: &ErasurePage) -> AnyView {
    let r = &page.request;
    if r.state == ErasureState::Counting {
        return view! {
            <section class="panel" aria-label="Counted">
                <p class="panel__body soft">"What it would erase is being counted. Open the page again in a while."</p>
            </section>
        }
        .into_any();
    }
    let rows = page.counted.iter().map(|(name, c)| row(name, c)).collect_view();
    let elsewhere = (page.elsewhere > 0).then(|| {
        let events = format::count(page.elsewhere, "event", "events");
        view! { <p class="panel__foot">{format!("{events} more in channels you may not see.")}</p> }
    });
    let searches =
        format::count(r.searches.into(), "saved search or link names it", "saved searches and links name it");
    let nothing = (page.counted.is_empty() && page.elsewhere == 0)
        .then(|| view! { <p class="panel__body soft">"No stored event holds it."</p> });
    view! {
        <section class="panel" aria-labelledby="counted">
            <div class="panel__head">
                <h2 class="panel__title" id="counted">
                    "Counted"
                </h2>
                <span class="panel__note">{searches}</span>
            </div>
            <div class="tablewrap" hidden=page.counted.is_empty()>
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Channel"</th>
                            <th scope="col" class="num">"Events"</th>
                            <th scope="col" class="num">"Without bytes"</th>
                            <th scope="col" class="num">"Held"</th>
                            <th scope="col">"First"</th>
                            <th scope="col">"Last"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {nothing}
            {elsewhere}
        </section>
    }
    .into_any()
}

fn row(name: &str, c: &Counted) -> AnyView {
    // Of a block that outlived its rows no time is known.
    let known = c.first <= c.last;
    let at = |t| if known { time(t) } else { view! { {format::UNKNOWN} }.into_any() };
    view! {
        <tr>
            <th scope="row" class="wrap">{line(name)}</th>
            <td class="num">{format::exact(c.events)}</td>
            <td class="num">{format::exact(c.bare)}</td>
            <td class="num">{format::exact(c.held)}</td>
            <td>{at(c.first)}</td>
            <td>{at(c.last)}</td>
        </tr>
    }
    .into_any()
}

fn acts(page: &ErasurePage, echo: &Echo) -> AnyView {
    let r = &page.request;
    if !r.state.is_open() {
        return ().into_any();
    }
    let at = |act: &str| format!("/erasures/{}/{act}", r.id.0);
    let acts = match (page.own, page.whole) {
        (true, _) => view! {
            <li>
                <p class="soft">"You asked for it: somebody else who may erase has to decide."</p>
                <form method="post" action=at("withdraw")>
                    <button type="submit" class="btn">
                        "Withdraw"
                    </button>
                </form>
            </li>
        }
        .into_any(),
        (false, false) => view! {
            <li>
                <p class="soft">"It is about channels that you may not see: somebody who sees all of them decides."</p>
            </li>
        }
        .into_any(),
        (false, true) => {
            let word = echo.typed("word").unwrap_or_default().to_owned();
            // Opening it is the question whether one means it.
            let approve = (r.state == ErasureState::Waiting).then(|| {
                view! {
                    <li>
                        <p class="soft">"Key, headers and payload of what was counted go for good, and of whatever is the subject's by then. Nobody can take that back."</p>
                        <details class="sure">
                            <summary class="btn btn--danger">"Approve\u{2026}"</summary>
                            <form method="post" action=at("approve")>
                                <button type="submit" class="btn btn--danger-solid">
                                    "Erase now"
                                </button>
                            </form>
                        </details>
                    </li>
                }
            });
            view! {
                {approve}
                <li>
                    <form method="post" action=at("decline") class="row">
                        <input
                            class="input"
                            name="word"
                            value=word
                            required
                            maxlength=LONGEST_WORD.to_string()
                            autocomplete="off"
                            placeholder="Why not"
                            aria-label="Why not"
                        />
                        <button type="submit" class="btn">
                            "Decline"
                        </button>
                    </form>
                </li>
            }
            .into_any()
        }
    };
    view! {
        <section class="panel" aria-labelledby="decide">
            <div class="panel__head">
                <h2 class="panel__title" id="decide">
                    "Decide"
                </h2>
            </div>
            <ul class="acts">{acts}</ul>
        </section>
    }
    .into_any()
}
