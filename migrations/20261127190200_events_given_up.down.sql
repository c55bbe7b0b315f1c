drop table payload_given_up;
