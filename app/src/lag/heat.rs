//! Lag of each partition over time, as a heat map.

use crate::ui::{TimeForm, Zone, format, time};
use leptos::prelude::*;
use weir_domain::{Timestamp, lag::Trend};

const COLUMNS: usize = Trend::COLUMNS;
/// Partitions drawn, those with most lag; the table has all.
const MOST: usize = 64;

pub(super) fn heat(past: &Trend, from: Timestamp, until: Timestamp) -> AnyView {
    let width = until.micros_since(from).max(1);
    let cells = &past.partitions;
    let last = |row: &[Option<u64>; COLUMNS]| row.iter().rev().find_map(|c| *c);
    let highest = cells.values().flatten().flatten().copied().max().unwrap_or(0);
    let all = cells.len();
    let mut rows: Vec<_> = cells.iter().collect();
    if all > MOST {
        rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.iter().flatten().copied().max()));
        rows.truncate(MOST);
        rows.sort_by_key(|(number, _)| **number);
    }
    let rest = (all > MOST).then(|| {
        view! { <p class="small muted">{format!("The {MOST} of {all} partitions with most lag.")}</p> }
    });
    let rows = rows.into_iter().map(|(number, row)| {
        let now = last(row);
        let cells = row.iter().map(|cell| view! { <td data-d=depth(*cell, highest)></td> }).collect_view();
        view! {
            <tr>
                <th scope="row">{*number}</th>
                {cells}
                <td class="v">{now.map_or_else(|| format::UNKNOWN.to_owned(), format::short)}</td>
            </tr>
        }
    });
    let clock = |i: i64| {
        let at = from.plus_micros(width / 6 * i);
        let form = if width > 30 * 3_600_000_000 { TimeForm::Date } else { TimeForm::Clock };
        let text = time::text(at, form, Zone::Utc);
        let cut = if form == TimeForm::Clock { text.get(..5) } else { text.get(5..16) };
        cut.unwrap_or(&text).to_owned()
    };
    let foot = (0..6).map(|i| view! { <td colspan="8">{clock(i)}</td> }).collect_view();
    view! {
        <div class="row">
            <span class="muted small">"offset lag by partition"</span>
            <span class="push scale">
                "0 "
                <span aria-hidden="true">
                    {(0..7).map(|d| view! { <i style=format!("background:var(--depth-{d})")></i> }).collect_view()}
                </span> {format!(" {}", format::short(highest))}
            </span>
        </div>
        <div class="tablewrap">
            <table class="heat" aria-label="Highest offset lag of each partition over time">
                <tbody>{rows.collect_view()}</tbody>
                <tfoot aria-hidden="true">
                    <tr>
                        <th></th>
                        {foot}
                        <td class="v">"now"</td>
                    </tr>
                </tfoot>
            </table>
        </div>
        {rest}
    }
    .into_any()
}

/// Seven depths, the first for 0; by the cube root, so that a partition that is a little behind shows beside one that is far.
fn depth(lag: Option<u64>, highest: u64) -> Option<u8> {
    let lag = lag?;
    if lag == 0 || highest == 0 {
        return Some(0);
    }
    let part = (lag as f64 / highest as f64).cbrt();
    Some((1.0 + part * 5.0).round().clamp(1.0, 6.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_rise_with_lag() {
        assert_eq!(depth(None, 9), None);
        assert_eq!([0, 1, 8, 500, 1_000].map(|n| depth(Some(n), 1_000)), [Some(0), Some(2), Some(2), Some(5), Some(6)]);
        assert_eq!(depth(Some(u64::MAX), u64::MAX), Some(6));
    }
}
