"""Who acts in tests that are about something else."""

from tui_pos.people.actor import built_in_actor

OWNER = built_in_actor("owner")
PIN = "4711"
CASHIER = built_in_actor("cashier")
