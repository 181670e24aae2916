/// The parts of a record that have a shape of their own.
extension AmenityShape {
    static let service = Schema.object([
        .required("id", .uuid), .required("slug", .string), .required("category", .string),
    ])

    static let programmes = Schema.list(
        of: .object(
            [
                .required("curriculum", .string, "a code a.curr.*"),
                .required("grades", .string, "as the school counts"),
                .required("status", .string), .optional("valid_from", .string), .optional("valid_to", .string),
            ] + origin
        )
    )

    static let admissionRules = Schema.list(
        of: .object(
            [
                .required("decision", .choice(["admitted", "refused", "on_request"])), .required("who", .string),
                .optional("nationalities", .codes, "countries; any where absent"),
                .optional("min_age", .integer(0...120)), .optional("max_age", .integer(0...120)),
            ] + origin
        )
    )

    static let fees = Schema.list(
        of: .object(
            [
                .required("label", .string), .required("low", .number(0...1e9)), .required("high", .number(0...1e9)),
                .required("currency", .string), .required("period", .string, "such as year or visit"),
            ] + origin
        )
    )

    static let parks = Schema.list(
        of: .object([
            .required("park", .string), .optional("distance_m", .number(0...1e8), "through the air"),
            .optional("road_m", .number(0...1e8)), .optional("drive_minutes", .integer(0...1440)),
            .optional("walk_minutes", .integer(0...1440)), .optional("source", .string), .optional("as_of", .string),
        ])
    )

    static let fieldSources = Schema.list(
        of: .object([.required("field", .string), .required("source", .string), .optional("as_of", .string)])
    )

    private static let origin: [Parameter] = [
        .required("source", .string), .optional("as_of", .string), .required("confidence", .string),
    ]
}
