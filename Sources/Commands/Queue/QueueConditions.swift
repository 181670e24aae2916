/// What stands in the queue's way and who does its work, in tables and in plain words: the part that `queue status` and
/// `queue top` share.
struct QueueConditions {
    /// An object as of ``QueueInspector/status(tellsQueries:until:)`` or ``QueueInspector/look(until:)``.
    let json: JSONValue

    /// Everything that an operator should look into, with what to do, one a line.
    ///
    /// - Parameter unhandled: the kinds of which jobs wait and that no worker handles, with their number.
    func warnings(unhandled: [(kind: String, waiting: String)]) -> [String] {
        unhandled.map { kind, waiting in
            "warning: no worker handles the kind \(kind), though jobs of it wait: \(waiting). Start the program that does, or "
                + "cancel them."
        } + json["held_snapshots"].elements.map(warning)
            + json["troubled_schedules"].elements.map { schedule in
                "warning: the schedule \(schedule["name"].plain) can't be fired since \(schedule["since"].plain.prefix(19)): "
                    + "\(schedule["trouble"].plain). Set it anew or remove it; see amenity queue schedule."
            }
    }

    var pauses: TextTable? {
        table(
            "paused",
            of: ["name", "since", "by", "reason"],
            rows: json["paused"].elements.map { pause in
                [
                    pause["scope"].plain, pause["name"].plain, String(pause["since"].plain.prefix(19)),
                    pause["by"].plain, pause["reason"].plain.truncated(to: 60),
                ]
            }
        )
    }

    var caps: TextTable? {
        table(
            "capped",
            of: ["name", "running", "a second", "burst"],
            rows: json["caps"].elements.map { cap in
                let most = cap["running"].int.map { "\(cap["running_now"].plain) of \($0)" }
                return [
                    cap["scope"].plain, cap["name"].plain, most ?? cap["running_now"].plain,
                    cap["rate"].double?.shortText ?? "", cap["burst"].plain,
                ]
            },
            rightAligned: [2, 3]
        )
    }

    /// - Parameter rates: what of each worker's jobs was done and failed a second, by its id.
    func workers(rates: [Int: QueueRates.Work]? = nil) -> TextTable? {
        let speed = rates == nil ? ["jobs/s"] : ["done/s", "failed/s"]
        return table(
            "worker",
            of: ["program", "host", "pid", "at once"] + speed + ["seen", "kinds"],
            rows: json["workers"].elements.map { worker in
                let work = worker["id"].int.flatMap { rates?[$0] }
                let speed =
                    rates == nil
                    ? [worker["jobs_per_second"].double?.shortText ?? ""]
                    : [work?.done.shortText ?? "", work?.failed.shortText ?? ""]
                return [
                    worker["id"].plain, worker["program"].plain, worker["host"].plain, worker["pid"].plain,
                    worker["concurrency"].plain,
                ] + speed + [
                    worker["seen_s"].double.map { $0.ageText + " ago" } ?? "",
                    worker["kinds"].elements.map(\.plain).joined(separator: ", ").truncated(to: 60),
                ]
            },
            rightAligned: Set([0, 3, 4] + speed.indices.map { 5 + $0 })
        )
    }

    var generations: TextTable? {
        table(
            "generation",
            of: ["dead rows", "size"],
            rows: json["generations"].elements.map { generation in
                [
                    generation["generation"].plain + (generation["is_current"].bool == true ? " (current)" : ""),
                    generation["dead_rows"].int?.grouped ?? "", generation["bytes"].int?.bytesText ?? "",
                ]
            },
            rightAligned: [1, 2]
        )
    }

    /// Over all generations.
    var deadRows: Int { json["generations"].elements.reduce(0) { $0 + ($1["dead_rows"].int ?? 0) } }

    // MARK: Private

    private func table(
        _ first: String,
        of headings: [String],
        rows: [[String]],
        rightAligned: Set<Int> = []
    ) -> TextTable? {
        rows.isEmpty ? nil : TextTable(headings: [first] + headings, rows: rows, rightAligned: rightAligned)
    }

    /// Who holds a snapshot, what that does, and how to end it.
    private func warning(_ holder: JSONValue) -> String {
        let (what, name) = (holder["what"].plain, holder["name"].plain)
        let facts = [
            holder["program"].string, holder["state"].string,
            holder["doing"].string.map { "“\($0.truncated(to: 80))”" },
        ].compactMap(\.self)
        let who = facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))"
        let since = holder["age_s"].double.map { " for \($0.ageText)" } ?? ""
        let literal = "'" + name.replacing("'", with: "''") + "'"
        let remedy =
            switch what {
            case "session": "End its transaction or its program, or: select pg_terminate_backend(\(name));"
            case "prepared transaction": "End it: commit prepared \(literal); or rollback prepared \(literal);"
            default: "Have its consumer catch up, or: select pg_drop_replication_slot(\(literal));"
            }
        return "warning: \(what) \(name)\(who) has held a snapshot\(since). Until it ends, what finished jobs "
            + "leave behind can't be cleaned up (\(deadRows.grouped) dead rows). \(remedy)"
    }
}
