/// The files of the parts of a record: what has a shape of its own, each row with its source.
extension SeedTable {
    /// In the order in which they are written.
    static let parts = [amenityParts, programmes, admissionRules, fees, phoneLines, parkLinks, fieldSources]

    private static let amenity = SeedColumn.required("amenity", .key(of: "amenities"))
    private static let source = SeedColumn.required("source", .key(of: "sources"))
    private static let origin: [SeedColumn] = [
        source, .optional("as_of", .date), .required("confidence", .confidence),
    ]

    private static let amenityParts = SeedTable(
        name: "amenity_parts",
        columns: [amenity, .required("whole", .key(of: "amenities")), source],
        key: ["amenity"],
        rule: { $0["amenity"] == $0["whole"] ? ("whole", "an amenity is no service of itself") : nil },
        steps: [SeedStep(noun: "services of other amenities", statement: SeedAmenityParts())]
    )

    private static let programmes = SeedTable(
        name: "programmes",
        columns: [
            amenity, .required("curriculum", .key(of: "terms")), .required("grades"),
            .required("status", .oneOf(["offered", "authorised", "candidate", "ended", "unknown"])),
            .optional("valid_from", .date), .optional("valid_to", .date),
        ] + origin,
        key: ["amenity", "curriculum", "grades"],
        rule: { row in
            row["curriculum"]?.hasPrefix("a.curr.") == true ? nil : ("curriculum", "is no curriculum (a.curr.*)")
        },
        steps: [SeedStep(noun: "programmes", statement: SeedProgrammes())]
    )

    private static let admissionRules = SeedTable(
        name: "admission_rules",
        columns: [
            amenity, .required("position", .integer(1...100)),
            .required("decision", .oneOf(["admitted", "refused", "on_request"])), .required("who"),
            .optional("nationalities", .countries), .optional("min_age", .integer(0...120)),
            .optional("max_age", .integer(0...120)),
        ] + origin,
        key: ["amenity", "position"],
        rule: { isInOrder($0, "min_age", "max_age") },
        steps: [SeedStep(noun: "rules of admission", statement: SeedAdmissionRules())]
    )

    private static let fees = SeedTable(
        name: "fees",
        columns: [
            amenity, .required("label"), .required("low", .number(0...1e9)), .required("high", .number(0...1e9)),
            .required("currency", .currency),
            .required("period", .oneOf(["once", "visit", "lesson", "night", "month", "term", "year"])),
        ] + origin,
        key: ["amenity", "label", "period"],
        rule: { isInOrder($0, "low", "high") },
        steps: [SeedStep(noun: "fees", statement: SeedFees())]
    )

    private static let phoneLines = SeedTable(
        name: "phone_lines",
        columns: [
            amenity, .required("phone", .phone),
            .required("kind", .oneOf(["front_desk", "appointments", "emergency", "department", "hotline", "fax"])),
            .optional("lang", .language), .optional("note"),
        ] + origin,
        key: ["amenity", "phone"],
        steps: [SeedStep(noun: "telephone lines", statement: SeedPhoneLines())]
    )

    private static let parkLinks = SeedTable(
        name: "park_links",
        columns: [
            amenity, .required("park", .key(of: "parks")), .optional("road_m", .integer(0...2_000_000)),
            .optional("drive_minutes", .integer(0...1440)), .optional("walk_minutes", .integer(0...1440)), source,
            .optional("as_of", .date),
        ],
        key: ["amenity", "park"],
        steps: [SeedStep(noun: "ways to parks", statement: SeedParkLinks())]
    )

    private static let fieldSources = SeedTable(
        name: "field_sources",
        columns: [
            amenity,
            .required(
                "field",
                .oneOf([
                    "address", "phone", "website", "location", "status", "attributes", "admits", "notes", "category",
                ])
            ),
            source, .optional("as_of", .date),
        ],
        key: ["amenity", "field"],
        steps: [SeedStep(noun: "sources of single fields", statement: SeedFieldSources())]
    )

    private static func isInOrder(_ row: SeedRow, _ low: String, _ high: String) -> (column: String, reason: String)? {
        guard let least = row[low].flatMap(Double.init), let most = row[high].flatMap(Double.init), least > most else {
            return nil
        }
        return (low, "is above \(high)")
    }
}
