use crate::ui::{Time, TimeForm, format};
use leptos::prelude::*;
use weir_domain::{
    capture::GapReason,
    sources::{GapShown, SourceDetail},
};

/// Why positions are missing for good, in words.
pub(super) const fn reason_words(reason: GapReason) -> &'static str {
    match reason {
        GapReason::RetentionTrimmed => "removed by retention before it was read",
        GapReason::Truncated => "the broker's log was cut below the reading position",
        GapReason::Recreated => "the channel was deleted and made again",
        GapReason::Deleted => "the channel was deleted",
        GapReason::CaptureOff => "its capture was switched off",
        GapReason::CaptureLimit => "left out by a limit of capture",
    }
}

/// `from` to the last missing position, and how many, where the end is known.
fn bounds(gap: &GapShown) -> String {
    match gap.to {
        Some(to) => {
            let n = u64::try_from(to.0.saturating_sub(gap.from.0)).unwrap_or(0);
            let last = to.0.saturating_sub(1);
            format!(
                "{} to {}, {}",
                format::exact_signed(gap.from.0),
                format::exact_signed(last),
                format::count(n, "position", "positions")
            )
        }
        None => format!("from {} on, how many is not known", format::exact_signed(gap.from.0)),
    }
}

/// What the broker lost before it could be read.
pub(super) fn gaps(d: &SourceDetail) -> AnyView {
    let (n, total) = (d.gaps.len(), d.source.gaps);
    let note = match n {
        0 => "nothing was lost".to_owned(),
        n if (n as u64) < u64::from(total) => format!("the newest {n} of {}", format::exact(total.into())),
        n => format::exact(n as u64),
    };
    let rows: Vec<AnyView> = d.gaps.iter().map(row).collect();
    view! {
        <section class="panel" aria-labelledby="gaps">
            <div class="panel__head">
                <h2 class="panel__title" id="gaps">
                    "Gaps"
                </h2>
                <span class="panel__note">{note}</span>
            </div>
            <div class="tablewrap" hidden=d.gaps.is_empty()>
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Channel"</th>
                            <th scope="col" class="num">"Partition"</th>
                            <th scope="col">"Positions"</th>
                            <th scope="col">"Why"</th>
                            <th scope="col">"Found"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(gap: &GapShown) -> AnyView {
    view! {
        <tr id=format!("gap-{}", gap.id)>
            <th scope="row" class="mono">
                {gap.channel_name.clone()}
            </th>
            <td class="num">{gap.partition_number.to_string()}</td>
            <td>{bounds(gap)}</td>
            <td class="fill" title=gap.detail.clone()>
                {reason_words(gap.reason)}
            </td>
            <td>
                <Time at=gap.found_at form=TimeForm::Date />
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{ChannelId, GapId, Position, Timestamp};

    #[test]
    fn bounds_name_the_last_missing_position() {
        let mut gap = GapShown {
            id: GapId(1),
            channel: ChannelId(1),
            channel_name: "a".into(),
            partition_number: 0,
            from: Position(1000),
            to: Some(Position(3500)),
            reason: GapReason::RetentionTrimmed,
            detail: String::new(),
            found_at: Timestamp::EPOCH,
        };
        assert_eq!(bounds(&gap), "1,000 to 3,499, 2,500 positions");
        gap.to = None;
        assert_eq!(bounds(&gap), "from 1,000 on, how many is not known");
    }
}
