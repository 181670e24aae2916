import FoundationEssentials
package import Postgres

/// Every statement of this slice, for checks against a database.
package enum CatalogStatements {
    package static let all: [SQL] = [
        ListParks.sql, ParkIDs.sql, ListTerms.sql, AmenityRecord.sql, HolidaysAround.sql, ListSchedules.sql,
        CultureTerms.sql, FindCultureTraits.sql, NearestAmenities.sql, NearestOfCategory.sql, VersionedListings.sql,
        RegionalAmenities.sql, RankedAmenities.sql, StaleAmenities.sql, WriteWords.sql, WriteSearchNames.sql,
        WriteSearchWords.sql,
        NearestWords.sql,
        VocabularyEdition.sql, ReferenceTerms.sql, ReferenceWords.sql, ReferenceRegions.sql, ReferenceParks.sql,
        ReferenceImplications.sql, SuggestNames.sql, ListedAmenities.sql, AmenityAddress.sql, ListChanges.sql,
    ]
}

struct ListParks: OneRow {
    static let sql = SQL("list_parks", PackageResources.list_parks_sql)
    static let route = Route.shared
    let country: String?
    let language: Language
    let park: String?

    func bind(to parameters: inout Parameters) {
        parameters.append(country)
        parameters.append(language.code)
        parameters.append(park)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}

/// The ids of all parks, to help a caller who named none of them.
package struct ParkIDs: ManyRows {
    package static let sql = SQL("park_ids", PackageResources.park_ids_sql)
    package static let route = Route.shared

    package init() {}

    package static func decode(_ row: inout RowReader) throws(PostgresError) -> String { try row.next() }
}

struct ListTerms: OneRow {
    static let sql = SQL("list_terms", PackageResources.list_terms_sql)
    static let route = Route.shared
    let kind: String?
    let parent: String?
    let language: Language

    func bind(to parameters: inout Parameters) {
        parameters.append(kind)
        parameters.append(parent)
        parameters.append(language.code)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}
