use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, head, time},
    events::line,
    help,
    ui::{ErrorPanel, format},
};
use leptos::prelude::*;
use weir_domain::{
    EventId, PartitionId, Position,
    access::Permission,
    events::{Fate, Gone},
};

const TITLE: &str = "What became of an event";

/// `/gone/{id}`: what an event was that is not stored, when it went and why. `part=1` leaves out the frame.
pub(crate) async fn gone(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let part = address.given("part").is_some();
    let found = match id.parse::<EventId>() {
        Ok(id) => asked(cx, id, address).await,
        Err(_) => Ok(None),
    };
    // Whoever goes there all the same is refused.
    let looks = cx.caller_in(address.environment()).is_ok_and(|caller| caller.may(Permission::EventsPayload));
    drawn::page(TITLE, || match (found, part) {
        (Ok(Some(gone)), true) => shown(&gone, looks),
        (Ok(Some(gone)), false) => whole(&gone, looks),
        (Ok(None), true) => ().into_any(),
        (Ok(None), false) => help::not_found(),
        (Err(failure), _) => view! { <ErrorPanel failure /> }.into_any(),
    })
}

async fn asked(cx: &RequestContext, id: EventId, address: &Address) -> Result<Option<Gone>, Failure> {
    let caller = cx.caller_in(address.environment())?;
    cx.told(cx.cases.events.gone(&caller, id).await)
}

fn whole(gone: &Gone, looks: bool) -> AnyView {
    view! {
        <div class="page page--text">
            {head(TITLE, "times in UTC", ().into_any())} <section class="panel" aria-label=TITLE>
                <div class="panel__body">{shown(gone, looks)}</div>
            </section>
        </div>
    }
    .into_any()
}

fn shown(gone: &Gone, looks: bool) -> AnyView {
    let closed = gone.closed.as_ref().map(|(at, why)| {
        view! {
            <dt>"Its partition"</dt>
            <dd>"ended at the broker on " {time(*at)} ": " {line(why)}</dd>
        }
    });
    let its_time = match &gone.fate {
        Fate::Dropped { from, to, .. } => view! { "between " {time(*from)} " and " {time(*to)} }.into_any(),
        _ => "–".into_any(),
    };
    view! {
        <div class="gone stack" data-fate=gone.fate.word()>
            <p>{words(&gone.fate)}</p>
            <dl class="facts">
                <dt>"Channel"</dt>
                <dd>
                    <a href=format!("/events?channel=%23{}", gone.channel)>{line(&gone.channel_name)}</a>
                    " of "
                    {line(&gone.source_name)}
                </dd>
                <dt>"Partition and offset"</dt>
                <dd class="mono">{format!("{}, {}", gone.partition_number, gone.event.position)}</dd>
                <dt>"Its time"</dt>
                <dd>{its_time}</dd>
                <dt>"Its type"</dt>
                <dd>"–"</dd>
                {closed}
                <dt>"Stored next to it"</dt>
                <dd>{neighbours(gone)}</dd>
            </dl>
            {next(gone, looks)}
        </div>
    }
    .into_any()
}

fn neighbours(gone: &Gone) -> AnyView {
    let link = |word: &'static str, at: Option<Position>| {
        at.map(|position| {
            let id = EventId { partition: PartitionId(gone.event.partition.0), position };
            view! {
                <a href=format!("/events/{id}")>{format!("{word}, {position}")}</a>
                " "
            }
        })
    };
    match (gone.before, gone.after) {
        (None, None) => "nothing of its partition is stored".into_any(),
        (before, after) => view! { {link("before", before)} {link("after", after)} }.into_any(),
    }
}

fn words(fate: &Fate) -> AnyView {
    match fate {
        Fate::Stored => "It is stored: open its page again.".into_any(),
        Fate::Dropped { at, retention_days, first, last, .. } => view! {
            "It was dropped on "
            {time(*at)}
            {format!(
                ": the retention of its metadata, {}, had passed. With it went all that was stored of offsets {first} to {last}. If one of them never held an event, that is not known any more.",
                format::count(u64::from(*retention_days), "day", "days"),
            )}
        }
        .into_any(),
        Fate::Gap { reason, detail, from, to, found } => {
            let to = to.map_or_else(|| "an end that is not known".to_owned(), |to| format!("offset {}", to.0.saturating_sub(1)));
            view! {
                "Weir never had it: a gap reaches from "
                {format!("offset {from} to {to}")}
                ", found on "
                {time(*found)}
                " ("
                {line(reason)}
                "). "
                {line(detail)}
            }
            .into_any()
        }
        Fate::Before { first } => format!(
            "It lies before offset {first}, the first that Weir knows anything of here. What came before was not captured, or was dropped longer ago than Weir keeps word of.",
        )
        .into_any(),
        Fate::Ahead { last } => {
            format!("Capture has come as far as offset {last} here: this one has not come yet.").into_any()
        }
        Fate::Hole => {
            "No event was stored at this offset, though those around it were. Brokers leave offsets out: for marks of transactions, and where a log was compacted before it was read.".into_any()
        }
        Fate::Unknown => "Nothing is stored of its partition, and nothing more is known of it.".into_any(),
    }
}

/// What to do next.
fn next(gone: &Gone, looks: bool) -> AnyView {
    let look = match &gone.fate {
        Fate::Dropped { .. } => Some(
            "The broker may keep its log for longer than Weir keeps metadata: look for it there. To keep what comes for longer, change what is captured of its channel.",
        ),
        Fate::Before { .. } => {
            Some("If the broker still has it, “Fill” on the source's page reads what lies before capture.")
        }
        _ => None,
    };
    let offset = gone.event.position;
    let read = matches!(gone.fate, Fate::Dropped { .. } | Fate::Before { .. } | Fate::Hole | Fate::Unknown);
    let read = (looks && read && gone.closed.is_none()).then(|| {
        let there = format!(
            "/channels/{}/at-broker?go=1&partition={}&first={offset}&last={offset}",
            gone.channel, gone.partition_number
        );
        view! {
            <a class="btn btn--sm btn--primary" href=there>
                "Look in the broker"
            </a>
        }
    });
    let source = format!("/sources/{}", gone.source);
    view! {
        <p class="small soft">{look}</p>
        <div class="row">
            {read} <a class="btn btn--sm" href=source>
                "Its source"
            </a>
            <a class="btn btn--sm" href=format!("/channels/{}/capture", gone.channel)>
                "What is captured"
            </a>
        </div>
    }
    .into_any()
}
