import Catalog

/// One conversion of the case file: which columns it reads, and in which it expects what.
struct DatumConversion: Sendable {
    let source: String
    let sourceDatum: Datum
    let result: String
    let resultDatum: Datum

    /// WGS-84 to the others, and back from values of six decimals.
    static let all = [
        DatumConversion(source: "wgs", sourceDatum: .wgs84, result: "gcj", resultDatum: .gcj02),
        DatumConversion(source: "wgs", sourceDatum: .wgs84, result: "bd", resultDatum: .bd09),
        DatumConversion(source: "gcj", sourceDatum: .gcj02, result: "inv_wgs_from_gcj", resultDatum: .wgs84),
        DatumConversion(source: "bd", sourceDatum: .bd09, result: "inv_gcj_from_bd", resultDatum: .gcj02),
        DatumConversion(source: "bd", sourceDatum: .bd09, result: "inv_wgs_from_bd", resultDatum: .wgs84),
    ]

    /// Converts a case's values, as they stand in the file.
    func result(of one: CaseFile.Case) throws -> Coordinate {
        try position(source, sourceDatum, of: one).converted(to: resultDatum)
    }

    /// What the file expects.
    func expectation(of one: CaseFile.Case) throws -> Coordinate { try position(result, resultDatum, of: one) }

    private func position(_ column: String, _ datum: Datum, of one: CaseFile.Case) throws -> Coordinate {
        Coordinate(
            latitude: try one.number(column + "_lat"),
            longitude: try one.number(column + "_lng"),
            datum: datum
        )
    }
}
