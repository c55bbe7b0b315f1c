//! `weir estimate`: asks the brokers of a configuration what capturing them would cost; stores nothing.

use serde_json::json;
use weir_tap::policy::Policy;

use crate::{
    brokers,
    cli::{EstimateArgs, Failure, say},
    clock::SystemClock,
    config::Config,
    estimate::{self, Kept, Sampling, Total},
};
use weir_domain::Clock as _;

/// One part in so many of a source's cap is for reads beside the taps.
const BESIDE: u64 = 4;

/// One source after the other; one that can't be asked does not keep the others from being told.
pub async fn run(config: &Config, args: &EstimateArgs) -> Result<(), Failure> {
    let kept = Kept { payload_days: args.payload_days, metadata_days: args.metadata_days };
    let wanted: Vec<_> =
        config.sources.iter().filter(|s| args.source.as_ref().is_none_or(|name| *name == s.name)).collect();
    if wanted.is_empty() {
        return Err(match &args.source {
            Some(name) => format!("The configuration has no source {name:?}.").into(),
            None => "The configuration has no source yet: see `weir example`.".into(),
        });
    }
    let mut failed = 0;
    for source in wanted {
        let broker =
            brokers::connect(source, format!("weir.estimate.{}", source.name), std::sync::Arc::new(SystemClock))?;
        let policy = Policy::new(source.channels.clone(), source.include_internal);
        let includes = |channel: &str, internal: bool| policy.includes(channel, internal);
        // A quarter of what all processes may take, as everything that is read beside the taps (they have the rest).
        let bytes_per_s = source.catch_up_bytes_per_s.map(|n| (n / BESIDE).max(1));
        let sampling = Sampling { bytes: usize::try_from(args.sample_mb).unwrap_or(1) << 20, bytes_per_s };
        match estimate::source(&broker, includes, SystemClock.now(), sampling).await {
            Ok(found) if args.json => {
                for channel in &found.channels {
                    let mut line = serde_json::to_value(channel)?;
                    line["source"] = json!(source.name);
                    line["stored_bytes_at_retention"] = json!(channel.stored_at_retention(kept));
                    say(&line.to_string())?;
                }
                let mut total = serde_json::to_value(Total::of(&found.channels, kept))?;
                total["source"] = json!(source.name);
                total["total"] = json!(true);
                total["left_out"] = json!(found.left_out);
                say(&total.to_string())?;
            }
            Ok(found) => say(&estimate::text(&source.name, &found, kept))?,
            Err(error) => {
                failed += 1;
                if args.json {
                    say(&json!({ "source": source.name, "error": error.to_string() }).to_string())?;
                } else {
                    say(&format!("{}\n  could not be asked: {error}\n", source.name))?;
                }
            }
        }
    }
    if !args.json {
        say(&format!(
            "events/d: positions of the last 24 h. raw: key, headers, payload. stored: on Weir's disk with capture = \"full\".\n\
             kept: with payloads for {} and metadata for {} days. added: what one more reader takes from the broker.\n\
             – is not known. Sizes are from a sample that was read and thrown away; nothing was stored.",
            args.payload_days, args.metadata_days
        ))?;
    }
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of the sources could not be asked.").into()) }
}
