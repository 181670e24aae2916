import ArgumentParser

/// How a command's answer is written to stdout.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON, for programs.")
    var json = false
}
