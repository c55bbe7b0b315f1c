//! The process as the kernel sees it, under the names that Prometheus' own clients use.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::{Registry, Unit},
};

/// Clock ticks of `/proc/self/stat` in a second, on every Linux that Weir runs on.
const TICKS: f64 = 100.0;
const PAGE: i64 = 4096;

pub struct Figures {
    cpu: Counter<f64, AtomicU64>,
    resident: Gauge,
    files: Gauge,
    threads: Gauge,
}

impl Figures {
    pub fn register(registry: &mut Registry) -> Self {
        let figures = Self {
            cpu: Counter::default(),
            resident: Gauge::default(),
            files: Gauge::default(),
            threads: Gauge::default(),
        };
        registry.register_with_unit("process_cpu", "Processor time used", Unit::Seconds, figures.cpu.clone());
        registry.register_with_unit(
            "process_resident_memory",
            "Resident memory",
            Unit::Bytes,
            figures.resident.clone(),
        );
        registry.register("process_open_fds", "Open file descriptors", figures.files.clone());
        registry.register("process_threads", "Threads", figures.threads.clone());
        figures
    }

    /// What can't be read keeps its last value.
    pub fn read(&self) {
        if let Some(stat) = std::fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(Stat::parse) {
            self.cpu.inner().store((stat.ticks as f64 / TICKS).to_bits(), std::sync::atomic::Ordering::Relaxed);
            self.resident.set(stat.pages.saturating_mul(PAGE));
            self.threads.set(stat.threads);
        }
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            self.files.set(i64::try_from(files.count()).unwrap_or(i64::MAX));
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Stat {
    ticks: u64,
    threads: i64,
    pages: i64,
}

impl Stat {
    /// See proc(5). The second field is a name that may hold anything, in parentheses.
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let field = |n: usize| fields.get(n - 3);
        let number = |n: usize| field(n)?.parse::<i64>().ok();
        let ticks = u64::try_from(number(14)?.saturating_add(number(15)?)).ok()?;
        Some(Self { ticks, threads: number(20)?, pages: number(24)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_s_line_is_read() {
        let line = "7 (we) ir) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 9 0 12345 1000000 2048 184467";
        assert_eq!(Stat::parse(line), Some(Stat { ticks: 200, threads: 9, pages: 2048 }));
        assert_eq!(Stat::parse("7 (weir) S 1"), None);
        assert!(Stat::parse(&std::fs::read_to_string("/proc/self/stat").unwrap()).unwrap().pages > 0);
    }
}
