#!/usr/bin/env python3
"""What opening-hours-py says of generated expressions at many instants, as a CSV that a test of ours reads.

    pip install opening-hours-py==2.1.4
    python Tests/Benchmarks/opening_hours_answers.py > /tmp/answers.csv
    OPENING_HOURS_ANSWERS=/tmp/answers.csv ./dev test --filter OpeningHoursTests/answers

The first row has the instants, every other an expression and one letter an instant: open, closed, unknown."""
import csv
import datetime
import random
import sys

import opening_hours

DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
LETTERS = {opening_hours.State.OPEN: "o", opening_hours.State.CLOSED: "c", opening_hours.State.UNKNOWN: "u"}


def clock(minutes):
    return f"{minutes // 60:02}:{minutes % 60:02}"


def spans(rng):
    start = rng.randrange(6 * 4, 12 * 4) * 15
    noon = start + rng.randrange(8, 20) * 15
    if rng.random() < 0.5:
        end = noon + rng.randrange(4, 60) * 15
        return f"{clock(start)}-{clock(end % 1440 if end != 1440 else 1440)}"
    again = noon + rng.randrange(3, 9) * 15
    end = again + rng.randrange(8, 30) * 15
    return f"{clock(start)}-{clock(noon)},{clock(again)}-{clock(end if end <= 1440 else end % 1440)}"


def days(rng):
    first, last = sorted(rng.sample(range(7), 2))
    kinds = [f"{DAYS[first]}-{DAYS[last]}", DAYS[first], f"{DAYS[first]},{DAYS[last]}", f"{DAYS[last]}-{DAYS[first]}", ""]
    return rng.choice(kinds)


def rule(rng):
    kind = rng.random()
    if kind < 0.62:
        return f"{days(rng)} {spans(rng)}".strip()
    if kind < 0.72:
        return f"{rng.choice(DAYS)} off"
    if kind < 0.82:
        return rng.choice(["PH off", f"PH {spans(rng)}"])
    if kind < 0.9:
        first, last = rng.sample(MONTHS, 2)
        return f"{first}-{last} {days(rng)} {spans(rng)}".replace("  ", " ")
    if kind < 0.95:
        return f"{rng.choice(MONTHS)} {rng.randrange(1, 29):02} off"
    return f"{days(rng)} {spans(rng)} unknown".strip()


def expression(rng):
    text = f"{days(rng)} {spans(rng)}".strip() if rng.random() < 0.97 else "24/7"
    for _ in range(rng.randrange(0, 4)):
        text += rng.choice(["; ", "; ", "; ", ", ", " || "]) + rule(rng)
    return text


def main(seed=2026, expressions=500, instants=2000):
    rng = random.Random(seed)
    start = datetime.datetime(2026, 1, 2)
    times = [start + datetime.timedelta(minutes=rng.randrange(360 * 1440)) for _ in range(instants)]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["expression", "states"])
    out.writerow(["", " ".join(time.strftime("%Y-%m-%dT%H:%M") for time in times)])
    done = 0
    while done < expressions:
        text = expression(rng)
        try:
            hours = opening_hours.OpeningHours(text, country="CN")
        except Exception as error:
            print(f"not taken by opening-hours-py: {text}: {error}", file=sys.stderr)
            continue
        states = []
        for time in times:
            state = hours.state(time)
            states.append(LETTERS[state[0] if isinstance(state, tuple) else state])
        out.writerow([text, "".join(states)])
        done += 1


main(*map(int, sys.argv[1:]))
