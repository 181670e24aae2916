-- rotate_generations :one
-- Starts a fresh generation of queue.live where one is needed, and empties old ones; see queue.rotate.
select pinned, rotated, emptied from queue.rotate()
