-- seal_audit :one
-- Appends to the audit log what is committed and not in it yet, and says how many entries that were.
select access.seal() as sealed
