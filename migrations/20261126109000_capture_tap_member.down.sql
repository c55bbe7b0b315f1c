drop table tap_member;
