import Catalog

/// How the conversions of a file's positions compare with what it expects.
struct DatumEvaluation {
    /// A value that differs by more than the tolerance.
    struct Difference {
        let id: String
        let kind: String
        let name: String
        let conversion: String
        let expected: Coordinate
        let found: Coordinate
        /// The larger of the two differences.
        let degrees: Double
    }

    /// Degrees; the sixth decimal, some 10 cm.
    static let tolerance = 1e-6

    let cases: Int
    let values: Int
    let differences: [Difference]
    /// Of all values within the tolerance, in degrees.
    let largestWithin: Double

    init(_ cases: [CaseFile.Case]) throws {
        var differences: [Difference] = []
        var largest = 0.0
        for one in cases {
            for conversion in DatumConversion.all {
                let (expected, found) = (try conversion.expectation(of: one), try conversion.result(of: one))
                let degrees = max(
                    abs(expected.latitude - found.latitude),
                    abs(expected.longitude - found.longitude)
                )
                // Decimals that differ by one in the sixth place do so by a hair more in binary.
                guard degrees > Self.tolerance * 1.000_001 else {
                    largest = max(largest, degrees)
                    continue
                }
                differences.append(
                    Difference(
                        id: try one.text("id"),
                        kind: try one.text("class"),
                        name: try one.text("name"),
                        conversion: conversion.result,
                        expected: expected,
                        found: found,
                        degrees: degrees
                    )
                )
            }
        }
        self.cases = cases.count
        values = cases.count * DatumConversion.all.count
        self.differences = differences
        largestWithin = largest
    }

    var text: String {
        let rows = differences.map { difference in
            [
                difference.id, difference.kind, difference.name, difference.conversion,
                difference.expected.text(decimals: 6), difference.found.text(decimals: 6),
            ]
        }
        let summary =
            "\(values - differences.count) of \(values) positions of \(cases) cases are within 0.000001 degrees "
            + "(the furthest of them by \(largestWithin))."
        guard !rows.isEmpty else { return summary }
        let table = TextTable(headings: ["id", "class", "name", "conversion", "expected", "found"], rows: rows)
        return summary + "\n" + table.text
    }

    var json: JSONValue {
        [
            "cases": .integer(cases), "positions": .integer(values), "within": .integer(values - differences.count),
            "largest_within_degrees": .fraction(largestWithin),
            "differences": .array(
                differences.map { difference in
                    [
                        "id": .string(difference.id), "class": .string(difference.kind),
                        "conversion": .string(difference.conversion),
                        "degrees": .fraction(difference.degrees),
                    ]
                }
            ),
        ]
    }
}
