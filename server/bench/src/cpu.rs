//! CPU seconds and memory of processes, from /proc (proc(5)).

use std::fs;

/// `CLK_TCK` is 100 on every Linux that Weir runs on.
const TICKS: f64 = 100.0;

pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

pub fn model() -> String {
    fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|s| {
            s.lines()
                .find_map(|l| l.strip_prefix("model name").map(|m| m.trim_start_matches([' ', '\t', ':']).to_string()))
        })
        .unwrap_or_else(|| "unknown processor".into())
}

fn stat(pid: i32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command name may hold spaces: fields count from behind its closing bracket.
    Some(text.rsplit_once(')')?.1.split_whitespace().map(str::to_string).collect())
}

/// User and system seconds of a process, its reaped children and its living ones.
pub fn seconds(pid: i32) -> f64 {
    let own = stat(pid).map_or(0.0, |f| (11..15).filter_map(|i| f.get(i)?.parse::<f64>().ok()).sum::<f64>() / TICKS);
    own + children(pid).into_iter().map(seconds).sum::<f64>()
}

fn children(pid: i32) -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok())
        .filter(|p| stat(*p).and_then(|f| f.get(1)?.parse::<i32>().ok()) == Some(pid))
        .collect()
}

/// Resident memory in MB: now and at its highest.
pub fn resident_mb(pid: i32) -> (f64, f64) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kb = |name: &str| {
        status
            .lines()
            .find_map(|l| l.strip_prefix(name)?.trim().trim_end_matches(" kB").parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    (kb("VmRSS:") / 1024.0, kb("VmHWM:") / 1024.0)
}
