import Postgres

struct SeedAmenityParts: SeedStatement {
    static let sql = SQL("seed_amenity_parts", PackageResources.seed_amenity_parts_sql)
}

struct SeedProgrammes: SeedStatement {
    static let sql = SQL("seed_programmes", PackageResources.seed_programmes_sql)
}

struct SeedAdmissionRules: SeedStatement {
    static let sql = SQL("seed_admission_rules", PackageResources.seed_admission_rules_sql)
}

struct SeedFees: SeedStatement {
    static let sql = SQL("seed_fees", PackageResources.seed_fees_sql)
}

struct SeedPhoneLines: SeedStatement {
    static let sql = SQL("seed_phone_lines", PackageResources.seed_phone_lines_sql)
}

struct SeedParkLinks: SeedStatement {
    static let sql = SQL("seed_park_links", PackageResources.seed_park_links_sql)
}

struct SeedFieldSources: SeedStatement {
    static let sql = SQL("seed_field_sources", PackageResources.seed_field_sources_sql)
}
