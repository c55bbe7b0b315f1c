// Leptos views are types: a page is one deep type.
#![recursion_limit = "512"]

use std::process::ExitCode;

/// The system's keeps for each thread what a catch-up once needed, twice as much as this one (BENCHMARKS.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// In milliseconds. The allocator's own second keeps half as much again while there is much to catch up with; much less than
/// this costs time (BENCHMARKS.md).
const GIVEN_BACK_AFTER: i64 = 50;
/// `mi_option_purge_delay` of mimalloc.h, which the bindings leave out.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

#[expect(
    unsafe_code,
    reason = "an option of the allocator has no other way; it is a number, set before anything else runs"
)]
fn main() -> ExitCode {
    if std::env::var_os("MIMALLOC_PURGE_DELAY").is_none() {
        // SAFETY: both are plain numbers, the option exists in every version, and no other thread is there yet.
        unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, GIVEN_BACK_AFTER) };
    }
    weir::cli::main()
}
