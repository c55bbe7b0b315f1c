//! What every broker must keep, as tests over a [`Fixture`]. `conformance_tests!` makes one `#[tokio::test]` of each,
//! so that a case added here runs against every broker there is. A broker that cannot be made to show a case says so
//! in its [`Abilities`].
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "these are tests, kept in the library so that every broker's crate can run them"
)]

mod fixture;
mod follow;

pub mod assigning;
pub mod compaction;
pub mod discovery;
pub mod examining;
pub mod failures;
pub mod fidelity;
pub mod lag;
pub mod limits;
pub mod losses;
pub mod ranges;
pub mod starts;
pub mod transactions;

pub use fixture::{Abilities, Fixture, Joined, OpenTransaction};
pub use follow::{Follow, LIMIT, eventually};

/// Makes a test of every case; the argument is an expression that makes the fixture (it may await).
#[macro_export]
macro_rules! conformance_tests {
    ($fixture:expr) => {
        $crate::conformance_tests! { @cases $fixture;
            discovery::new_channels_and_partitions_are_seen
            discovery::a_deleted_channel_is_seen_no_more
            discovery::internal_channels_are_marked
            starts::earliest_brings_everything
            starts::latest_brings_what_comes_after
            starts::a_start_is_told_before_anything_is_written
            starts::a_time_brings_the_first_at_or_after_it
            starts::a_time_after_the_end_is_the_end
            starts::a_cursor_goes_on_exactly_there
            starts::reading_again_from_a_cursor_brings_the_same_bytes
            assigning::an_equal_cursor_keeps_its_place
            assigning::an_older_cursor_goes_back
            assigning::a_partition_can_be_left_and_taken_up_again
            assigning::added_partitions_are_read
            assigning::reading_without_assignments_brings_nothing
            assigning::an_estimate_counts_what_is_to_be_read
            transactions::a_commit_shows_all_of_it
            transactions::an_aborted_one_at_the_end_is_passed
            transactions::an_empty_one_is_passed
            transactions::an_open_one_holds_back_and_is_named
            transactions::an_aborted_one_among_others_is_left_out
            losses::deleted_before_the_reader_came_is_a_gap
            losses::deleted_while_away_is_a_gap_up_to_an_emptied_log
            losses::deleted_after_it_was_read_is_no_gap
            losses::deleted_under_a_live_reader_goes_on
            losses::a_channel_made_again_ends_the_incarnation
            losses::a_channel_made_again_while_away_ends_the_incarnation
            losses::a_deleted_channel_ends_without_successor
            losses::a_cut_log_ends_the_incarnation
            losses::a_log_cut_while_away_ends_the_incarnation
            compaction::holes_at_head_and_tail_are_passed_and_no_gap
            ranges::a_position_begins_exactly_there
            ranges::a_range_brings_what_lies_in_it
            ranges::one_event_is_read_by_its_position
            ranges::what_was_deleted_is_told
            ranges::what_was_compacted_is_passed
            ranges::behind_the_end_is_told
            ranges::a_channel_made_again_is_another
            ranges::a_range_is_bounded
            ranges::away_is_an_error
            fidelity::every_byte_survives
            fidelity::times_survive
            fidelity::ten_thousand_headers_survive
            fidelity::header_names_that_are_no_text_survive
            fidelity::a_payload_of_ten_megabytes_survives
            fidelity::large_batches_survive_every_limit
            limits::a_read_is_bounded_in_bytes_and_records
            limits::a_record_over_the_limit_comes_alone
            limits::one_busy_partition_does_not_starve_the_others
            limits::a_read_without_news_returns
            examining::a_sound_broker_passes_every_step
            examining::what_no_pattern_includes_is_not_tried
            examining::an_absent_broker_fails_at_its_port
            examining::sizes_tell_what_is_there
            failures::a_dropped_read_loses_nothing
            failures::away_is_told_and_reading_goes_on_by_itself
            failures::a_partition_that_is_not_there_does_not_stop_the_others
            failures::a_partition_without_leader_does_not_stop_the_others
            lag::groups_are_told_with_positions_and_ends
            lag::members_are_told_with_what_they_hold
            lag::observing_changes_nothing
            lag::positions_move_where_there_is_a_permit
            lag::what_is_not_as_it_was_is_left_alone
            lag::a_group_is_deleted_with_a_permit_for_all_it_has
            lag::a_time_leads_to_the_first_at_or_after_it
            lag::a_channel_that_is_gone_is_told_so
            lag::observing_what_is_away_is_an_error
        }
    };
    (@cases $fixture:expr; $($module:ident :: $case:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            let fixture = $fixture;
            $crate::conformance::$module::$case(&fixture).await;
        }
    )*};
}
