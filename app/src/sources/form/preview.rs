use crate::ui::{Banner, format};
use leptos::prelude::*;
use weir_domain::sources::{Preview, PreviewedChannel};

/// What the patterns include and leave out.
pub fn preview(p: &Preview) -> AnyView {
    let to_read = match (p.records_to_read, p.bytes_to_read) {
        (Some(0), Some(0)) => "Reading begins with what comes from now on: nothing older is read.".to_owned(),
        (records, bytes) => {
            let bytes = bytes.map_or_else(|| "an unknown number of bytes".to_owned(), format::bytes);
            let records =
                records.map(|n| format!(", {}", format::count(n, "position", "positions"))).unwrap_or_default();
            format!("First of all {bytes}{records} will be read, under the cap.")
        }
    };
    let part = |included: bool| p.channels.iter().filter(move |c| c.included == included).map(row).collect::<Vec<_>>();
    let (included, left_out) = (part(true), part(false));
    let none = included.is_empty();
    view! {
        <section class="panel" aria-labelledby="found">
            <div class="panel__head">
                <h2 class="panel__title" id="found" tabindex="-1" autofocus>
                    "What the patterns include"
                </h2>
                <span class="panel__note">
                    {format!(
                        "{} included, {} left out; nothing was stored",
                        format::count(p.included.into(), "channel", "channels"),
                        format::exact(p.left_out.into()),
                    )}
                </span>
            </div>
            <div class="panel__body stack">
                <p role="status" class="strong">
                    {to_read}
                </p>
                {none
                    .then(|| {
                        view! {
                            <Banner tone="banner--warn" icon="warn">
                                "No channel is included: nothing would be read."
                            </Banner>
                        }
                    })}
                {p
                    .without_sizes
                    .clone()
                    .map(|why| {
                        view! {
                            <Banner icon="lock">{why}</Banner>
                        }
                    })}
            </div>
            {table("Included", included, p.included)}
            {table("Left out", left_out, p.left_out)}
        </section>
    }
    .into_any()
}

fn table(title: &'static str, rows: Vec<AnyView>, all: u32) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let more = u64::from(all).saturating_sub(rows.len() as u64);
    let more = (more > 0).then(|| {
        view! { <p class="panel__foot">{format!("and {} more", format::exact(more))}</p> }
    });
    Some(
        view! {
            <div class="tablewrap tablewrap--preview" tabindex="0" role="region" aria-label=title>
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">{title}</th>
                            <th scope="col" class="num">"Partitions"</th>
                            <th scope="col" class="num">"Positions"</th>
                            <th scope="col" class="num">"On the broker's disks"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {more}
        }
        .into_any(),
    )
}

fn row(c: &PreviewedChannel) -> AnyView {
    view! {
        <tr>
            <th scope="row" class="mono">
                {c.name.clone()}
            </th>
            <td class="num">{format::exact(c.partitions.into())}</td>
            <td class="num">{format::exact_or_unknown(c.records)}</td>
            <td class="num">{c.bytes.map_or_else(|| format::UNKNOWN.to_owned(), format::bytes)}</td>
        </tr>
    }
    .into_any()
}
