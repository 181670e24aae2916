-- close_gate :exec
-- Waits for the claims under way and keeps new ones waiting until the transaction ends; see queue.gate.
lock table queue.gate in exclusive mode
