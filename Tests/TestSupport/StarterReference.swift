package import Catalog

/// The reference that the starter catalogue makes, read from its files: no database.
package enum StarterReference {
    package static let reference: Reference = {
        do { return try load() } catch { preconditionFailure("db/seed can't be read: \(error)") }
    }()

    private static func load() throws -> Reference {
        let terms = try SharedKnowledge.ownRows("db/seed/terms.csv").map { row in
            let languages = Language.all.map(\.code)
            return Reference.Term(
                code: row["code"] ?? "",
                parent: row["parent"].flatMap { $0.isEmpty ? nil : $0 },
                isCategory: row["kind"] == "category",
                labels: Dictionary(languages.map { ($0, row[$0] ?? "") }) { first, _ in first }
            )
        }
        let synonyms = try SharedKnowledge.ownRows("db/seed/synonyms.csv").compactMap { row in
            row["code"].map { Phrase(row["synonym"] ?? "", language: row["lang"], meaning: .term($0)) }
        }
        let words = try SharedKnowledge.ownRows("db/seed/query_words.csv").compactMap { row in
            Meaning(kind: row["kind"] ?? "", value: row["value"] ?? "").map {
                Phrase(row["word"] ?? "", language: row["lang"], meaning: $0)
            }
        }
        return Reference(
            edition: 1,
            terms: terms,
            words: synonyms + words,
            gazetteer: try gazetteer(),
            implications: try implications()
        )
    }

    private static func gazetteer() throws -> Gazetteer {
        let regions = try SharedKnowledge.ownRows("db/seed/regions.csv").map { row in
            Gazetteer.Region(
                code: row["adcode"] ?? "",
                parent: row["parent"].flatMap { $0.isEmpty ? nil : $0 },
                nameZh: row["name_zh"] ?? "",
                nameEn: row["name_en"] ?? "",
                seat: position(row, "seat_lat", "seat_lon")
            )
        }
        let parks = try SharedKnowledge.ownRows("db/seed/parks.csv").map { row in
            Gazetteer.Park(
                id: row["id"] ?? "",
                region: row["region"] ?? "",
                location: position(row, "lat", "lon"),
                names: ["zh-Hans": row["name_zh"] ?? "", "en": row["name_en"] ?? ""]
            )
        }
        return Gazetteer(regions: regions, parks: parks)
    }

    private static func implications() throws -> Implications {
        let categories = try SharedKnowledge.ownRows("db/seed/implied_categories.csv")
            .sorted { (Int($0["place"] ?? "") ?? 0) < (Int($1["place"] ?? "") ?? 0) }
        let terms = try SharedKnowledge.ownRows("db/seed/nationality_terms.csv")
            .sorted { ($0["term"] ?? "") < ($1["term"] ?? "") }
        return Implications(
            categories: Dictionary(grouping: categories) { $0["attribute"] ?? "" }.mapValues {
                $0.compactMap { $0["category"] }
            },
            terms: Dictionary(grouping: terms) { $0["nationality"] ?? "" }.mapValues { $0.compactMap { $0["term"] } }
        )
    }

    private static func position(_ row: [String: String], _ latitude: String, _ longitude: String) -> Coordinate? {
        guard let latitude = row[latitude].flatMap(Double.init), let longitude = row[longitude].flatMap(Double.init)
        else { return nil }
        return Coordinate(latitude: latitude, longitude: longitude, datum: .wgs84)
    }
}
