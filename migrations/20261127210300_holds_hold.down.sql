drop table hold_pin, hold_event, hold;
