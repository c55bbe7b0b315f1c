use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, time},
    events::visible,
    help,
    ui::{ErrorPanel, format},
};
use leptos::prelude::*;
use weir_domain::{
    EventId, SourceId,
    verify::{ChannelVerified, DifferenceShown},
};

/// `/sources/{id}/verified`: how far the channels of a source were compared with its broker; `part=1` on its page.
pub(crate) async fn verified(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let part = address.given("part").is_some();
    let answer = match id.parse::<SourceId>() {
        Ok(id) => asked(cx, id, address).await.map(|found| found.map(|all| (id, all))),
        Err(_) => Ok(None),
    };
    drawn::page("Compared with the broker", || match answer {
        Ok(Some((_, all))) if part => shown(&all),
        Ok(Some((id, all))) => whole(id, &all),
        Ok(None) => help::not_found(),
        Err(failure) => view! { <ErrorPanel failure /> }.into_any(),
    })
}

async fn asked(cx: &RequestContext, id: SourceId, address: &Address) -> Result<Option<Vec<ChannelVerified>>, Failure> {
    let caller = cx.caller_in(address.environment())?;
    cx.told(cx.cases.verify.list(&caller, id).await)
}

fn whole(id: SourceId, all: &[ChannelVerified]) -> AnyView {
    let back = view! {
        <a class="btn btn--ghost btn--sm" href=format!("/sources/{id}")>
            "The source"
        </a>
    };
    view! {
        <div class="page">
            {drawn::head("Compared with the broker", "times in UTC", back.into_any())} {shown(all)}
        </div>
    }
    .into_any()
}

fn shown(all: &[ChannelVerified]) -> AnyView {
    let body = match all.is_empty() {
        true => view! { <p class="quiet">"Nothing is stored yet that could be compared."</p> }.into_any(),
        false => table(all),
    };
    view! {
        <section class="panel" aria-label="Compared with the broker">
            <div class="panel__head">
                <h2 class="panel__title">"Compared with the broker"</h2>
                <span class="panel__note">"a small sample is read again all the time"</span>
            </div>
            {body}
            {how()}
        </section>
    }
    .into_any()
}

fn table(all: &[ChannelVerified]) -> AnyView {
    let lines = all.iter().map(line).collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">"Channel"</th>
                    <th scope="col">"Verified until"</th>
                    <th scope="col" class="num">
                        "Compared"
                    </th>
                    <th scope="col" class="num">
                        "No longer at the broker"
                    </th>
                    <th scope="col" class="num">
                        "Differences"
                    </th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
    }
    .into_any()
}

fn line(channel: &ChannelVerified) -> AnyView {
    let until = match channel.until {
        Some(until) => time(until),
        None => view! { <span class="muted">"–"</span> }.into_any(),
    };
    let part = (channel.verified < channel.partitions).then(|| {
        let words = format!(" {} of {} partitions", channel.verified, channel.partitions);
        view! { <span class="small muted">{words}</span> }
    });
    let differences = match channel.differences {
        0 => view! { <span>"0"</span> }.into_any(),
        n => view! { <span class="pill pill--bad">{format::exact(n)}</span> }.into_any(),
    };
    let found = channel.latest.iter().map(difference).collect_view();
    let more = channel.differences.saturating_sub(channel.latest.len() as u64);
    let more = (more > 0).then(|| view! { <li>{format!("and {} more", format::exact(more))}</li> });
    let list = (channel.differences > 0).then(|| {
        view! {
            <tr>
                <td colspan="5">
                    <ul class="small compared-with__found">{found} {more}</ul>
                </td>
            </tr>
        }
    });
    view! {
        <tr>
            <th scope="row" class="mono trunc">
                {visible::plain(&channel.name)}
            </th>
            <td>{until} {part}</td>
            <td class="num">{format::exact(channel.compared)}</td>
            <td class="num">{format::exact(channel.gone)}</td>
            <td class="num">{differences}</td>
        </tr>
        {list}
    }
    .into_any()
}

fn difference(found: &DifferenceShown) -> AnyView {
    let id = EventId { partition: found.partition, position: found.position };
    let place = format!("Partition {}, position {}", found.partition_number, found.position);
    view! {
        <li>
            <a href=format!("/events/{id}")>{place}</a>
            {format!(" {}; found ", found.kind.words())}
            {time(found.found_at)}
        </li>
    }
    .into_any()
}

/// What the figures are, and what they leave out.
fn how() -> AnyView {
    view! {
        <details class="panel__body small">
            <summary>"How counted"</summary>
            <p class="muted">
                "Of every partition the newest events and some from a random place are read again from the broker and compared \
                 with what is stored: positions, the broker's times, sizes, and, where they are kept, key, headers and payload. \
                 That takes under 1 % of a channel's traffic of a day (64 KB where that is less) and stays within the source's \
                 cap. “Verified until” is when that was last done in every partition. What the broker's retention or compaction \
                 took is no difference, nor is what lies in a recorded gap. Run "
                <code>"weir verify"</code>
                " to compare all of it."
            </p>
        </details>
    }
    .into_any()
}
