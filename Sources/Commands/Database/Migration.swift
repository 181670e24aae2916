/// One numbered file of `db/migrations`, embedded at build time.
package struct Migration: Sendable {
    /// The leading digits of the file's name; 1, 2, 3 ... without a gap.
    package let number: Int
    /// The file's name without `.sql`, such as `0002_catalog`.
    package let name: String
    package let text: String

    /// - Parameter name: four digits, an underscore and words, as the file is called.
    package init(_ name: String, _ text: String) {
        guard let number = Int(name.prefix(while: \.isWholeNumber)) else {
            preconditionFailure("the name of migration \(name) does not begin with its number")
        }
        self.number = number
        self.name = name
        self.text = text
    }

    private init(_ name: String, _ embedded: [UInt8]) {
        self.init(name, String(decoding: embedded, as: UTF8.self))
    }

    /// Every migration of this program, in order.
    ///
    /// Kept by hand, since embedded resources can't be listed (and lose their first digit's place to an underscore); a
    /// test compares it with the folder.
    package static let all = [
        Migration("0001_schemas", PackageResources._001_schemas_sql),
        Migration("0002_catalog", PackageResources._002_catalog_sql),
        Migration("0003_queue", PackageResources._003_queue_sql),
        Migration("0004_intake", PackageResources._004_intake_sql),
        Migration("0005_gaps", PackageResources._005_gaps_sql),
        Migration("0006_access", PackageResources._006_access_sql),
        Migration("0007_naming", PackageResources._007_naming_sql),
        Migration("0008_enqueue", PackageResources._008_enqueue_sql),
        Migration("0009_claims", PackageResources._009_claims_sql),
        Migration("0010_queue_upkeep", PackageResources._010_queue_upkeep_sql),
        Migration("0011_queue_views", PackageResources._011_queue_views_sql),
        Migration("0012_schedules", PackageResources._012_schedules_sql),
        Migration("0013_facts", PackageResources._013_facts_sql),
        Migration("0014_roles", PackageResources._014_roles_sql),
        Migration("0015_access", PackageResources._015_access_sql),
        Migration("0016_row_security", PackageResources._016_row_security_sql),
        Migration("0017_service", PackageResources._017_service_sql),
        Migration("0018_events", PackageResources._018_events_sql),
        Migration("0019_search", PackageResources._019_search_sql),
        Migration("0020_catalogue_news", PackageResources._020_catalogue_news_sql),
        Migration("0021_truncation", PackageResources._021_truncation_sql),
        Migration("0022_record_parts", PackageResources._022_record_parts_sql),
    ]
}

/// What the database remembers of a migration that was applied to it.
package struct AppliedMigration: Sendable, Equatable {
    package let number: Int
    package let name: String
    /// SHA-256 of the file's bytes, in lower-case hexadecimal digits.
    package let checksum: String
    /// When, as RFC 3339 in UTC.
    package let appliedAt: String

    package init(number: Int, name: String, checksum: String, appliedAt: String) {
        self.number = number
        self.name = name
        self.checksum = checksum
        self.appliedAt = appliedAt
    }
}
