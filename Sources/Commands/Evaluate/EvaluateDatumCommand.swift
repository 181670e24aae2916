import ArgumentParser
import Catalog

/// `amenity evaluate datum`
struct EvaluateDatumCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datum",
        abstract: "Compare conversions between datums with a file of positions.",
        discussion: """
            The file's columns: id, name, class, and the latitude and longitude of wgs, gcj, bd, inv_wgs_from_gcj, \
            inv_gcj_from_bd and inv_wgs_from_bd. Values count as right within 0.000001 degrees.
            """
    )

    @Argument(help: "The CSV file of cases.")
    var file: String

    @Flag(help: "Print one row a case, in the file's own columns.")
    var csv = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let cases = try CaseFile(path: file).cases
        guard !csv else {
            Terminal.print(Self.header)
            for one in cases { Terminal.print(try Self.row(of: one)) }
            return
        }
        let evaluation = try DatumEvaluation(cases)
        Terminal.print(output.json ? evaluation.json.text : evaluation.text)
    }

    private static let header =
        (["id"] + DatumConversion.all.flatMap { [$0.result + "_lat", $0.result + "_lng"] }).joined(separator: ",")

    private static func row(of one: CaseFile.Case) throws -> String {
        let results = try DatumConversion.all.map { try $0.result(of: one).text(decimals: 9) }
        return ([try one.text("id")] + results).joined(separator: ",")
    }
}
