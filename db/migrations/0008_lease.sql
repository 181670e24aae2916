-- Losing a lease is an error of its own, so that the end of a job can travel with its effects and the commit in one
-- round trip: the server itself undoes them, and nobody has to look at a count first.

-- Returns the count of jobs that ended if all $2 did, else raises QL001.
create function queue.require_ended(ended bigint, expected bigint) returns bigint
language plpgsql stable as $$
begin
    if ended <> expected then
        raise exception 'the lease of % of % jobs was lost', expected - ended, expected using errcode = 'QL001';
    end if;
    return ended;
end
$$;
