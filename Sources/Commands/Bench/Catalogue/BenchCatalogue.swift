import Catalog
import FoundationEssentials
import Postgres

/// A catalogue of made-up amenities in a scratch database, and beside it the table that the best hand-written statement
/// reads. Its SQL stands here and not under `db/queries`, where every statement must fit the schema of the migrations.
struct BenchCatalogue {
    static let seed: UInt64 = 42
    private static let chunk = 20_000

    let configuration: PostgresConfiguration
    let amenities: Int

    /// Loads the taxonomy and the amenities, writes their words, and makes the table of the hand-written statement.
    ///
    /// - Parameter seedFolder: the starter catalogue's, for its taxonomy and regions.
    func create(seedFolder: URL, progress: (Double) -> Void) async throws {
        var configuration = configuration
        configuration.leasedConnections = 2
        let pool = Pool(configuration)
        defer { pool.close() }
        let day = Deadline.after(.seconds(86_400))
        _ = try await SeedImporter(pool: pool).load(try Seed(folder: seedFolder), until: day)
        let session = try await ScriptSession.open(configuration)
        defer { session.close() }
        // Chunk by chunk below, where the triggers would do it once for amenities and once more for their names.
        try await session.execute("alter table catalog.amenity disable trigger user")
        try await session.execute("alter table catalog.amenity_name disable trigger user")
        var writer = CatalogueWriter(seed: Self.seed, kinds: try await kinds(session))
        var written = 0
        while written < amenities {
            let count = min(Self.chunk, amenities - written)
            let chunk = (0..<count).map { _ in writer.next() }
            try await pool.withTransaction(until: day) { try await copy(chunk, from: written, into: $0) }
            written += count
            progress(Double(written) / Double(amenities) * 0.3)
        }
        try await list(session, progress: progress)
        _ = try await SearchIndexer(pool: pool).refresh(until: day)
        progress(0.9)
        try await session.execute("alter table catalog.amenity enable trigger user")
        try await session.execute("alter table catalog.amenity_name enable trigger user")
        try await makeHandWrittenTable(session)
        for table in [
            "catalog.listing", "catalog.record", "catalog.search_name", "catalog.search_word", "catalog.amenity",
            "bench.hand",
        ] {
            try await session.execute("vacuum analyze \(table)")
        }
    }

    /// The codes of the categories that amenities have, in order.
    func categories() async throws -> [String] {
        let session = try await ScriptSession.open(configuration)
        defer { session.close() }
        return try await kinds(session).map(\.code)
    }

    private func kinds(_ session: ScriptSession) async throws -> [CatalogueWriter.Kind] {
        let languages = Language.all.map(\.code)
        let columns = languages.map { "labels ->> '\($0)'" }.joined(separator: ", ")
        let rows = try await session.execute(
            "select code, \(columns) from catalog.term where kind = 'category' and parent is not null order by code"
        )
        return rows.map { row in
            let labels = zip(languages, row.dropFirst()).compactMap { language, label in label.map { (language, $0) } }
            return CatalogueWriter.Kind(
                code: (row.first ?? nil) ?? "",
                labels: Dictionary(labels) { first, _ in first }
            )
        }
    }

    private func copy(_ chunk: [CatalogueWriter.Amenity], from number: Int, into session: Session) async throws {
        let amenities = chunk.enumerated().map { index, one in
            let (latitude, longitude) = (one.latitude, one.longitude)
            return "\(one.id)\tbench-\(number + index)\t\(one.category)\t330400\t"
                + "SRID=4326;POINT(\(longitude) \(latitude))\t\(latitude)\t\(longitude)\twgs84\tpoint\tactive\t"
                + "{\(one.attributes.joined(separator: ","))}\tmca-adcodes\tlow\n"
        }
        let names = chunk.flatMap { one in
            one.names.map { "\(one.id)\t\($0.language)\t\($0.name)\tname\tcurator\n" }
        }
        try await copy(amenities, Self.copyAmenities, session)
        try await copy(names, Self.copyNames, session)
    }

    private func copy(_ lines: [String], _ sql: SQL, _ session: Session) async throws {
        var sent = 0
        _ = try await session.copyIn(sql) {
            guard sent < lines.count else { return nil }
            let part = lines[sent..<min(lines.count, sent + 500)]
            sent += part.count
            return Array(part.joined().utf8)
        }
    }

    private static let copyAmenities = SQL(
        "bench_copy_amenities",
        """
        copy catalog.amenity (id, slug, category, region, location, original_latitude, original_longitude, original_datum,
            precision, status, attributes, source, confidence) from stdin
        """
    )
    private static let copyNames = SQL(
        "bench_copy_names",
        "copy catalog.amenity_name (amenity, lang, name, kind, origin) from stdin"
    )

    private func list(_ session: ScriptSession, progress: (Double) -> Void) async throws {
        let hexadecimal = Array("0123456789abcdef")
        for (index, digit) in hexadecimal.enumerated() {
            try await session.execute(
                """
                select catalog.list_amenities(ids), catalog.write_records(ids)
                from (
                    select array_agg(id) as ids from catalog.amenity
                    where slug like 'bench-%' and left(id::text, 1) = '\(digit)'
                ) part
                """
            )
            progress(0.3 + 0.3 * Double(index + 1) / 16)
        }
    }

    /// As in the limit that lookups are held against: a category in one byte or two, the point on the plane, one index.
    private func makeHandWrittenTable(_ session: ScriptSession) async throws {
        try await session.execute(
            """
            create schema bench;
            create table bench.hand as
            select
                row_number() over () as id, (dense_rank() over (order by category) - 1)::smallint as category,
                split_part(split_part(named, E'\n', 1), ' ', 3) as name, array(
                    select json_array_elements_text(facts -> 'languages')
                ) as languages, longitude as lon, latitude as lat, spot as pt
            from catalog.listing where spot is not null;
            create index on bench.hand using gist (category, pt)
            """
        )
    }

    /// The hand-written statement for pgbench: the twenty nearest of a category within 10 km.
    static func script(categories: Int) -> String {
        """
        \\set x random(-43000, 72000)
        \\set y random(-61000, 50000)
        \\set c random(0, \(categories - 1))
        select json_agg(json_build_object('id', id, 'name', name, 'languages', languages, 'lon', lon, 'lat', lat, \
        'distance', round(d)) order by d)::text from (select id, name, languages, lon, lat, pt <-> point(:x, :y) as d \
        from bench.hand where category = :c::smallint order by pt <-> point(:x, :y) limit 20) s where d <= 10000

        """
    }
}
