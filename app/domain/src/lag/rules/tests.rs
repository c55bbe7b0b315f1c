mod both;
mod of_burrow;
mod of_weir;
mod properties;

use super::*;

/// Seconds, offset, lag.
type Row = (i64, i64, Option<u64>);

fn seen(now_s: i64, current_lag: u64, commits: &[Row]) -> Observations {
    let commits =
        commits.iter().map(|(at, offset, lag)| Commit { offset: *offset, at: at * 1000, lag: *lag }).collect();
    Observations { now: now_s * 1000, current_lag: Some(current_lag), commits, ..Observations::default() }
}

fn ends(mut seen: Observations, ends: &[i64]) -> Observations {
    seen.end_offsets = ends.to_vec();
    seen
}

/// One commit each `every` seconds from second 10,000 on.
fn each(every: i64, of: &[(i64, u64)]) -> Vec<Row> {
    (0..).zip(of).map(|(i, (offset, lag))| (10_000 + i * every, *offset, Some(*lag))).collect()
}

fn by_weir(seen: &Observations) -> Verdict {
    weir(seen, &Context::default())
}

#[test]
fn observations_are_read_as_they_are_documented() {
    let text = r#"{"now": 1000, "allowed_lag": 5, "current_lag": 7, "end_offsets": [10, 12],
        "commits": [{"offset": 3, "at": 900, "lag": 9}, {"offset": 5, "at": 950, "lag": null}, {"offset": 5, "at": 960}]}"#;
    let read: Observations = serde_json::from_str(text).unwrap();
    let commit = |offset, at, lag| Commit { offset, at, lag };
    assert_eq!(read.commits, [commit(3, 900, Some(9)), commit(5, 950, None), commit(5, 960, None)]);
    assert_eq!(
        (read.now, read.allowed_lag, read.current_lag, &read.end_offsets[..]),
        (1000, 5, Some(7), &[10, 12][..])
    );
    assert_eq!(serde_json::from_str::<Observations>(&serde_json::to_string(&read).unwrap()).unwrap(), read);

    let least: Observations = serde_json::from_str(r#"{"now": 1, "commits": []}"#).unwrap();
    assert_eq!((least.allowed_lag, least.current_lag, least.end_offsets.len()), (0, None, 0));
    for (wrong, why) in [
        (r#"{"commits": []}"#, "missing field `now`"),
        (r#"{"now": 1}"#, "missing field `commits`"),
        (r#"{"now": 1, "commits": [{"offset": 1}]}"#, "missing field `at`"),
        (r#"{"now": 1, "commits": [{"offset": 1, "at": 1, "lag": -1}]}"#, "invalid value: integer `-1`"),
        (r#"{"now": "1", "commits": []}"#, "invalid type: string"),
    ] {
        let error = serde_json::from_str::<Observations>(wrong).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    assert_eq!(serde_json::from_str::<Context>("{}").unwrap(), Context::default());
}
