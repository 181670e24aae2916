import ArgumentParser
import Catalog

/// `amenity datum`
struct DatumCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datum",
        abstract: "Convert positions between WGS-84, GCJ-02 and BD-09.",
        discussion: """
            Reads LAT,LON lines in decimal degrees from stdin and writes them converted to stdout, with nine decimals \
            (0.1 mm). A line that is no position is reported with its number and left out; the others are converted all the \
            same, and the exit code is 7 then, or 1 if no line was right. Outside the area of GCJ-02 all three are the same.
            Example: echo 30.746,120.75 | amenity datum --from wgs84 --to gcj02
            """
    )

    @Option(help: "What the positions are given in: wgs84, gcj02 (Amap, Tencent, Apple) or bd09 (Baidu).")
    var from: Datum

    @Option(help: "What they should be in.")
    var to: Datum

    func run() throws {
        var good = 0
        var bad = 0
        var number = 0
        while let line = readLine() {
            number += 1
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            do throws(CoordinateTextError) {
                let position = try Coordinate(parsing: line, datum: from)
                if from != .wgs84, position.seemsSwapped {
                    Terminal.note(
                        "amenity: line \(number): outside China, and in it if latitude and longitude are swapped"
                    )
                }
                Terminal.print(position.converted(to: to).text(decimals: 9))
                good += 1
            } catch {
                Terminal.note("amenity: line \(number): \(error)")
                bad += 1
            }
        }
        guard bad > 0 else { return }
        throw CommandFailure(
            good > 0 ? .partial : .failed,
            "\(bad) of \(good + bad) lines were no positions and were left out."
        )
    }
}

extension Datum: ExpressibleByArgument {}
