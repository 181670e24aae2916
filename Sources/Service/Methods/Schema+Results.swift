/// Shapes that several results share.
extension Schema {
    static let latitude = Schema.number(-90...90)
    static let longitude = Schema.number(-180...180)

    static let location = Schema.object(locationMembers)

    static let locationMembers: [Parameter] = [
        .required("lat", latitude),
        .required("lon", longitude),
        .required("datum", .choice(["wgs84"])),
        .optional("precision", .string, "how exact the position is, such as building or town"),
    ]

    /// A name that is shown, which says what language it is in and who chose it.
    static let shownName = Schema.object([
        .required("text", .string),
        .required("lang", .string, "BCP 47"),
        .required("origin", .string, "official, signage, curator, community or machine"),
    ])

    static let area = Schema.object([
        .optional("region", .string, "its administrative code"),
        .optional("name", .string),
    ])

    static let openMembers: [Parameter] = [
        .required("state", .choice(["open", "closed", "unknown"])),
        .optional("until", .time, "when the state ends"),
        .optional("comment", .string, "what the hours say of it"),
    ]

    static let verified = Schema.object([
        .required("state", .choice(["confirmed", "due", "overdue", "reported"])),
        .optional("at", .time, "when somebody last checked it"),
        .optional("method", .string, "how: phone, site_visit, website, owner or document"),
    ])

    /// Codes of the taxonomy.
    static let codes = Schema.list(of: .string)

    /// What became of something that was submitted, oldest first.
    static let timeline = Schema.list(
        of: .object([.required("status", .string), .required("at", .time), .optional("note", .string)])
    )

    /// The job that works on something, as its submitter sees it.
    static let submittedJob = Schema.object([
        .required("id", .count),
        .required("state", jobState),
        .optional("reason", .choice(["waits_to_be_retried", "gave_up"])),
        .optional("position", .count, "its place among the jobs of its kind that wait"),
        .optional("expected_at", .time, "when it should begin"),
    ])

    static let jobState = Schema.choice(["scheduled", "ready", "running", "done", "failed", "dead", "cancelled"])

    /// The members of a job that every look at the queue shows.
    static let jobMembers: [Parameter] = [
        .required("id", .count),
        .required("kind", .string),
        .optional("park", .string),
        .required("state", jobState),
        .required("priority", .integer(-32_768...32_767), "lower goes first"),
        .required("attempt", .count, "how often its handler has failed"),
        .required("crashes", .count, "how often its process has vanished"),
        .required("enqueued_at", .time),
        .required("run_at", .time),
        .optional("started_at", .time),
        .optional("finished_at", .time),
        .optional("worker", .string),
        .optional("last_error", .string),
    ]
}
