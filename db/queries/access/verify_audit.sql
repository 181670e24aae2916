-- verify_audit :one
-- Recomputes the chain of the audit log: the last entry's number and hash; the first number before which one is missing, and
-- the first that does not follow from the one before; what the log says its end is; and the hash of entry $1.
with linked as (
    select
        number, hash, lag(number, 1, 0::bigint) over in_order as previous,
        hash = access.audit_hash(lag(hash, 1, '\x'::bytea) over in_order, audit) as is_whole
    from access.audit
    window in_order as (order by number)
),
summary as (
    select
        coalesce(max(number), 0) as last,
        min(number) filter (where number <> previous + 1) as after_gap,
        min(number) filter (where not coalesce(is_whole, false)) as broken
    from linked
)
select
    last, coalesce((select encode(hash, 'hex') from linked where number = last), '') as last_hash, after_gap, broken,
    head.number as head, encode(head.hash, 'hex') as head_hash,
    case when $1::bigint = 0 then '' else (select encode(hash, 'hex') from linked where number = $1::bigint) end as asked_hash
from summary cross join access.audit_head head
