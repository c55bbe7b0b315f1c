use super::{
    api,
    cells::{grants, link_pill, roles, state, who},
    requests::waiting,
};
use crate::{
    drawn::{Address, DrawnPage, Echo, done, failure, head, not_known, page, time},
    ui::{Empty, format, time::relative},
};
use leptos::prelude::*;
use weir_domain::{
    Timestamp,
    access::people::{PeopleList, PersonShown, PersonState, RequestShown},
};

const DONE: &[(&str, &str)] = &[
    ("given", "The role is given. It holds from their next request on."),
    ("declined", "Declined. They read the word under Your account."),
    ("revoked", "The invitation is taken back; its link leads nowhere."),
];
/// So few are found without a search.
const FEW: u64 = 20;

/// Who is here, who was invited, and who asks for access.
pub(crate) async fn people(address: &Address) -> DrawnPage {
    let echo = Echo::here();
    let (list, requests) = match (api::list(address.value("q").to_owned()).await, api::requests().await) {
        (Ok(list), Ok(requests)) => (list, requests),
        (Err(failure), _) | (_, Err(failure)) => return not_known("People", failure),
    };
    page("People", || shown(address, &echo, &list, &requests))
}

fn shown(address: &Address, echo: &Echo, list: &PeopleList, requests: &[RequestShown]) -> AnyView {
    let (invited, here): (Vec<_>, Vec<_>) = list.people.iter().partition(|p| p.state == PersonState::Invited);
    let invite = view! {
        <div class="row">
            <a class="btn" href="/erasures">
                "Erasures"
            </a>
            <a class="btn btn--primary" href="/people/new">
                "Invite somebody"
            </a>
        </div>
    };
    let sub = format!("{}, what they may and where", format::count(list.everybody, "person", "people"));
    view! {
        <div class="page">
            {head("People", sub, invite.into_any())} {done(address, DONE)} {failure(echo)}
            {waiting(requests, echo, list.at)} {search(address, list)} {invitations(&invited, list.at)}
            {table(&here, list, address)}
        </div>
    }
    .into_any()
}

fn search(address: &Address, list: &PeopleList) -> AnyView {
    let text = address.value("q").to_owned();
    if list.everybody <= FEW && text.is_empty() {
        return ().into_any();
    }
    view! {
        <form method="get" action="/people" role="search" class="row">
            <input
                class="input people__search"
                type="search"
                name="q"
                value=text
                maxlength="200"
                placeholder="Name or log-in name"
                aria-label="Search people"
            />
            <button type="submit" class="btn">
                "Search"
            </button>
        </form>
    }
    .into_any()
}

fn invitations(invited: &[&PersonShown], now: Timestamp) -> AnyView {
    if invited.is_empty() {
        return ().into_any();
    }
    let rows = invited.iter().map(|p| {
        let (age, by) = match &p.link {
            Some(link) => (relative(link.made_at, now), link.by.clone().unwrap_or_else(|| "the command line".into())),
            None => (format::UNKNOWN.to_owned(), format::UNKNOWN.to_owned()),
        };
        view! {
            <tr>
                {who(p)}
                <td>{link_pill(p, now)}</td>
                <td class="num">{age}</td>
                <td class="hide-m">{by}</td>
                <td class="fill">{roles(p)}</td>
                <td class="hide-m">{grants(p)}</td>
            </tr>
        }
    });
    view! {
        <section class="panel" aria-labelledby="invited">
            <div class="panel__head">
                <h2 class="panel__title" id="invited">
                    "Invited, not here yet"
                </h2>
                <span class="panel__note">"open one to make a new link or to take it back"</span>
            </div>
            <div class="tablewrap">
                <table class="table table--two">
                    <thead>
                        <tr>
                            <th scope="col">"Person"</th>
                            <th scope="col">"Link"</th>
                            <th scope="col" class="num">"Invited"</th>
                            <th scope="col" class="hide-m">"By"</th>
                            <th scope="col">"Roles"</th>
                            <th scope="col" class="hide-m">"Grants"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn table(people: &[&PersonShown], list: &PeopleList, address: &Address) -> AnyView {
    let listed = list.people.len() as u64;
    let more = (list.total > listed).then(|| {
        let words = format!(
            "{} of {} people are listed. Search by a part of the name to see others.",
            format::exact(listed),
            format::exact(list.total)
        );
        view! { <p class="panel__foot">{words}</p> }
    });
    let body = if people.is_empty() {
        let title = if address.value("q").is_empty() { "Nobody" } else { "Nobody of that name" };
        view! {
            <Empty title>
                <p>"Search for a part of the name or of the log-in name."</p>
                <a class="btn" href="/people">
                    "Show everybody"
                </a>
            </Empty>
        }
        .into_any()
    } else {
        rows(people)
    };
    view! {
        <section class="panel" aria-label="People">
            {body} {more}
        </section>
    }
    .into_any()
}

fn rows(people: &[&PersonShown]) -> AnyView {
    let each = people.iter().map(|p| {
        view! {
            <tr>
                {who(p)}
                <td>{state(p)}</td>
                <td class="fill">{roles(p)}</td>
                <td class="hide-m">{grants(p)}</td>
                <td>{p.last_seen.map_or_else(|| format::UNKNOWN.into_any(), time)}</td>
            </tr>
        }
    });
    view! {
        <div class="tablewrap">
            <table class="table table--two">
                <thead>
                    <tr>
                        <th scope="col">"Person"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Roles"</th>
                        <th scope="col" class="hide-m">"Grants"</th>
                        <th scope="col">"Last seen, UTC"</th>
                    </tr>
                </thead>
                <tbody>{each.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
