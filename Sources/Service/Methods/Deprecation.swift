/// Says of a method that it will go, and what to call in its place. At least 180 days lie between the two dates.
package struct Deprecation: Sendable {
    /// The day on which it was said, such as `2027-01-31`.
    package let since: String
    /// The day from which on the method may be gone.
    package let sunset: String
    /// The name of the method that takes its place.
    package let use: String

    package init(since: String, sunset: String, use: String) {
        self.since = since
        self.sunset = sunset
        self.use = use
    }

    /// What ``write(to:)`` writes, described.
    static let members: [Parameter] = [
        .required("kind", .choice(["deprecated"])),
        .required("since", .string, "the day on which that was said"),
        .required("sunset", .string, "the day from which on the method may be gone"),
        .required("use", .string, "the method that takes its place"),
    ]

    /// Writes it as a warning of a reply.
    func write(to writer: inout JSONWriter) {
        writer.raw("{\"kind\":\"deprecated\"")
        writer.member("since", since)
        writer.member("sunset", sunset)
        writer.member("use", use)
        writer.raw("}")
    }
}
