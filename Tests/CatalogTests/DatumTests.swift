import Catalog
import TestSupport
import Testing

@Suite("Conversion between datums")
struct DatumTests {
    /// Made with the Python package prcoords 1.0.2, another implementation of the same formulas.
    private static let places: [(name: String, wgs: (Double, Double), gcj: (Double, Double), bd: (Double, Double))] = [
        ("Jiaxing", (30.746, 120.75), (30.743700426563, 120.754320234144), (30.749623845744, 120.760859256848)),
        ("Kashgar", (39.4704, 75.9898), (39.470627026038, 75.992754990230), (39.476589909100, 75.999263647056)),
        ("Seoul", (37.5665, 126.978), (37.567402112494, 126.983082735782), (37.573539234914, 126.989550051343)),
        ("Taipei", (25.033, 121.5654), (25.030065990080, 121.569173125863), (25.036387403841, 121.575596678238)),
        ("Hong Kong", (22.3193, 114.1694), (22.316550799399, 114.174367066261), (22.322222377349, 114.180927598859)),
        ("Urumqi", (43.8256, 87.6168), (43.826805393111, 87.619649949469), (43.832949794793, 87.626099770816)),
        ("Sanya", (18.2528, 109.5119), (18.251094791736, 109.515984294827), (18.256876553759, 109.522531791739)),
    ]

    @Test("agrees with another implementation to a nanodegree", arguments: places.indices)
    func reference(index: Int) {
        let place = Self.places[index]
        let wgs = Coordinate(latitude: place.wgs.0, longitude: place.wgs.1)
        let gcj = wgs.converted(to: .gcj02)
        let bd = wgs.converted(to: .bd09)
        #expect(gcj.datum == .gcj02 && bd.datum == .bd09)
        #expect(abs(gcj.latitude - place.gcj.0) < 1e-9 && abs(gcj.longitude - place.gcj.1) < 1e-9, "\(place.name)")
        #expect(abs(bd.latitude - place.bd.0) < 1e-9 && abs(bd.longitude - place.bd.1) < 1e-9, "\(place.name)")
        #expect(gcj.converted(to: .bd09).metres(to: bd) < 1e-6)
    }

    @Test("comes back to where it began within a thousandth of a millimetre, on every path")
    func inverse() {
        var random = SplitMix64.announced("positions in China")
        for _ in 0..<2000 {
            let wgs = Coordinate(
                latitude: .random(in: 0.8293...55.8271, using: &random),
                longitude: .random(in: 72.004...137.8347, using: &random)
            )
            let gcj = wgs.converted(to: .gcj02)
            let bd = wgs.converted(to: .bd09)
            for back in [gcj, bd, gcj.converted(to: .bd09), bd.converted(to: .gcj02)] {
                let error = back.converted(to: .wgs84).metres(to: wgs)
                #expect(error < 1e-6, "\(wgs): \(error) m by \(back.datum)")
            }
        }
    }

    @Test(
        "also at the corners of the rectangle, where the shift leads out of it",
        arguments: [(55.8271, 137.8347), (0.8293, 72.004), (55.8271, 72.004), (0.8293, 137.8347)]
    )
    func corners(latitude: Double, longitude: Double) {
        let wgs = Coordinate(latitude: latitude, longitude: longitude)
        for datum in [Datum.gcj02, .bd09] {
            let there = wgs.converted(to: datum)
            #expect(there.reread(as: .wgs84).metres(to: wgs) > 100)
            #expect(there.converted(to: .wgs84).metres(to: wgs) < 1e-3)
        }
    }

    @Test(
        "what is declared WGS-84 stays where it is, inside China and out",
        arguments: [(37.5665, 126.978), (25.033, 121.5654), (22.3193, 114.1694), (30.746, 120.75), (52.3702, 4.8952)]
    )
    func declared(latitude: Double, longitude: Double) {
        let place = Coordinate(latitude: latitude, longitude: longitude, datum: .wgs84)
        #expect(place.converted(to: .wgs84) == place)
    }

    @Test(
        "outside the area of GCJ-02 all datums are the same",
        arguments: [
            (52.3702, 4.8952), (-33.8688, 151.2093), (40.7128, -74.006), (35.6762, 139.6503), (90, 0), (-90, 180),
        ]
    )
    func outside(latitude: Double, longitude: Double) {
        for datum in Datum.allCases {
            let place = Coordinate(latitude: latitude, longitude: longitude, datum: datum)
            for target in Datum.allCases {
                #expect(place.converted(to: target) == place.reread(as: target))
            }
        }
    }

    @Test("the case file comes out within the sixth decimal", .needsShared("cases/datum_cases.csv"))
    func caseFile() throws {
        let rows = try SharedKnowledge.rows("cases/datum_cases.csv")
        #expect(rows.count == 12)
        // The row on the edge expects what an implementation gives that looks at the position, as its note says.
        for row in rows where row["class"] != "border" {
            func position(_ name: String, _ datum: Datum) throws -> Coordinate {
                Coordinate(
                    latitude: try #require(Double(row[name + "_lat"] ?? "")),
                    longitude: try #require(Double(row[name + "_lng"] ?? "")),
                    datum: datum
                )
            }
            let (wgs, gcj, bd) = (try position("wgs", .wgs84), try position("gcj", .gcj02), try position("bd", .bd09))
            for (found, expected) in [
                (wgs.converted(to: .gcj02), gcj), (wgs.converted(to: .bd09), bd),
                (gcj.converted(to: .wgs84), try position("inv_wgs_from_gcj", .wgs84)),
                (bd.converted(to: .gcj02), try position("inv_gcj_from_bd", .gcj02)),
                (bd.converted(to: .wgs84), try position("inv_wgs_from_bd", .wgs84)),
            ] {
                let isSame =
                    abs(found.latitude - expected.latitude) <= 1e-6 && abs(found.longitude - expected.longitude) <= 1e-6
                #expect(isSame, "\(row["name"] ?? ""): \(found) instead of \(expected)")
            }
        }
    }

    @Test("tells the offsets at Jiaxing: 485.6 m to GCJ-02 and 1,113 m to BD-09")
    func offsets() {
        let wgs = Coordinate(latitude: 30.746, longitude: 120.75)
        #expect(abs(wgs.metres(to: wgs.converted(to: .gcj02).reread(as: .wgs84)) - 485.6) < 1)
        #expect(abs(wgs.metres(to: wgs.converted(to: .bd09).reread(as: .wgs84)) - 1113.2) < 2)
    }
}

@Suite("A position in the wrong datum")
struct DatumSuspicionTests {
    private static let twin = Coordinate(latitude: 30.746, longitude: 120.75)

    @Test("is suspected for every way to take one datum for another", arguments: Datum.allCases, Datum.allCases)
    func confusion(real: Datum, declared: Datum) throws {
        let position = Self.twin.converted(to: real).reread(as: declared)
        let suspicion = DatumSuspicion(of: position, near: Self.twin)
        guard real != declared else {
            #expect(suspicion == nil)
            return
        }
        let found = try #require(suspicion)
        #expect(found.declared == declared && found.likely == real)
        #expect(found.declaredMetres > 400 && found.likelyMetres < 0.01)
    }

    @Test(
        "is suspected only where the conversion would lead",
        arguments: [
            // North, where no conversion shifts to; half the way; the real direction with 10 m of noise.
            (0.004368, 0.0, false), (-0.00115, 0.00216, false), (-0.0023 + 0.00009, 0.00432, true),
        ]
    )
    func direction(latitude: Double, longitude: Double, isSuspect: Bool) {
        let position = Coordinate(
            latitude: Self.twin.latitude + latitude,
            longitude: Self.twin.longitude + longitude
        )
        #expect((DatumSuspicion(of: position, near: Self.twin) != nil) == isSuspect)
    }

    @Test("is not suspected outside China, where all datums are the same")
    func outside() {
        let amsterdam = Coordinate(latitude: 52.3702, longitude: 4.8952)
        let moved = Coordinate(latitude: 52.3746, longitude: 4.8952)
        #expect(DatumSuspicion(of: moved, near: amsterdam) == nil)
    }
}

@Suite("A position as text")
struct CoordinateTextTests {
    @Test(
        "is read with spaces around its numbers",
        arguments: [("30.746,120.75", 30.746, 120.75), (" -1.5 ,\t+2e1\r", -1.5, 20.0), ("-90,180", -90, 180)]
    )
    func good(text: String, latitude: Double, longitude: Double) throws {
        let position = try Coordinate(parsing: text, datum: .bd09)
        #expect(position == Coordinate(latitude: latitude, longitude: longitude, datum: .bd09))
    }

    @Test(
        "is refused with what is wrong",
        arguments: [
            ("", CoordinateTextError.notTwoNumbers), ("30.7", .notTwoNumbers), ("30.7,", .notTwoNumbers),
            ("30.7 120.7", .notTwoNumbers), ("1,2,3", .notTwoNumbers), ("lat,lon", .notTwoNumbers),
            ("0x1,2", .notTwoNumbers), ("３０,120", .notTwoNumbers), ("1 2,3", .notTwoNumbers), ("nan,1", .notFinite),
            ("1,inf", .notFinite), ("1,1e999", .notFinite), ("120.75,30.746", .latitude(120.75, isSwapped: true)),
            ("91,181", .latitude(91, isSwapped: false)), ("-91,200", .latitude(-91, isSwapped: false)),
            ("30,180.1", .longitude(180.1)),
        ] as [(String, CoordinateTextError)]
    )
    func bad(text: String, error: CoordinateTextError) {
        #expect(throws: error) { try Coordinate(parsing: text, datum: .wgs84) }
    }

    @Test(
        "is written with its decimals and never as minus zero",
        arguments: [
            (30.746, 9, "30.746000000"), (-0.0000000001, 9, "0.000000000"), (-1.9999999999, 9, "-2.000000000"),
            (0.05, 1, "0.1"), (179.999999999, 9, "179.999999999"), (-0.5, 3, "-0.500"),
        ]
    )
    func written(degrees: Double, decimals: Int, text: String) {
        #expect(Coordinate.text(degrees, decimals: decimals) == text)
    }

    @Test("seems swapped where only the swapped one lies in China")
    func swapped() {
        #expect(Coordinate(latitude: 75.9898, longitude: 39.4704).seemsSwapped)
        #expect(!Coordinate(latitude: 39.4704, longitude: 75.9898).seemsSwapped)
        #expect(!Coordinate(latitude: 52.37, longitude: 4.9).seemsSwapped)
    }
}
