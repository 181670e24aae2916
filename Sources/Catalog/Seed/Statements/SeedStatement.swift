package import Postgres

/// A statement that writes the staged rows of one file and counts what it did.
///
/// New rows are inserted and differing ones updated; a row that is as it should be is not touched. Rows that are no
/// longer in the files stay in the database: a request, a comment or a report may refer to them by now, and a missing
/// line may as well be a slip of the editor. Closing an amenity is an edit of its status.
package protocol SeedStatement: OneRow where Row == SeedCounts {}

/// What one statement did.
package struct SeedCounts: Sendable, Equatable {
    package let new: Int
    package let changed: Int

    package init(new: Int, changed: Int) {
        self.new = new
        self.changed = changed
    }
}

extension SeedStatement {
    package static func decode(_ row: inout RowReader) throws(PostgresError) -> SeedCounts {
        SeedCounts(new: try row.next(), changed: try row.next())
    }

    func write(in session: Session) async throws(PostgresError) -> SeedCounts { try await session.execute(self) }
}

struct SeedSources: SeedStatement {
    static let sql = SQL("seed_sources", PackageResources.seed_sources_sql)
}

struct SeedCalendarDays: SeedStatement {
    static let sql = SQL("seed_calendar_days", PackageResources.seed_calendar_days_sql)
}

struct SeedOpeningHours: SeedStatement {
    static let sql = SQL("seed_opening_hours", PackageResources.seed_opening_hours_sql)
}

struct SeedRegions: SeedStatement {
    static let sql = SQL("seed_regions", PackageResources.seed_regions_sql)
}

struct SeedTerms: SeedStatement {
    static let sql = SQL("seed_terms", PackageResources.seed_terms_sql)
}

struct SeedSynonyms: SeedStatement {
    static let sql = SQL("seed_synonyms", PackageResources.seed_synonyms_sql)
}

struct SeedQueryWords: SeedStatement {
    static let sql = SQL("seed_query_words", PackageResources.seed_query_words_sql)
}

struct SeedImpliedCategories: SeedStatement {
    static let sql = SQL("seed_implied_categories", PackageResources.seed_implied_categories_sql)
}

struct SeedParks: SeedStatement {
    static let sql = SQL("seed_parks", PackageResources.seed_parks_sql)
}

struct SeedParkNames: SeedStatement {
    static let sql = SQL("seed_park_names", PackageResources.seed_park_names_sql)
}

struct SeedAmenities: SeedStatement {
    static let sql = SQL("seed_amenities", PackageResources.seed_amenities_sql)
}

struct SeedAmenityNames: SeedStatement {
    static let sql = SQL("seed_amenity_names", PackageResources.seed_amenity_names_sql)
}

struct SeedLanguageOffers: SeedStatement {
    static let sql = SQL("seed_language_offers", PackageResources.seed_language_offers_sql)
}

struct SeedAccreditations: SeedStatement {
    static let sql = SQL("seed_accreditations", PackageResources.seed_accreditations_sql)
}

struct SeedNationalityTerms: SeedStatement {
    static let sql = SQL("seed_nationality_terms", PackageResources.seed_nationality_terms_sql)
}

struct SeedResidents: SeedStatement {
    static let sql = SQL("seed_residents", PackageResources.seed_residents_sql)
}
