import ArgumentParser

/// Options of the commands that tell how well an amenity suits whoever looks.
struct ViewerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Who looks, to tell what suits: two letters of ISO 3166-1.", valueName: "country"))
    var nationality: String?

    @Option(
        name: .customLong("speaks"),
        help: ArgumentHelp("A language that whoever looks understands; may be repeated.", valueName: "tag")
    )
    var languages: [String] = []

    @Option(name: .customLong("child-age"), help: ArgumentHelp("Of a child; may be repeated.", valueName: "years"))
    var childAges: [Int] = []

    @Option(
        name: .customLong("faith"),
        help: ArgumentHelp("A place of worship's code, such as worship.catholic; may be repeated.", valueName: "code")
    )
    var faiths: [String] = []

    @Option(
        name: .customLong("diet"),
        help: ArgumentHelp("A diet's code, such as a.diet.halal; may be repeated.", valueName: "code")
    )
    var diets: [String] = []

    @Option(
        name: .customLong("insurer"),
        help: ArgumentHelp("An insurer's code, such as a.insurer.msh; may be repeated.", valueName: "code")
    )
    var insurers: [String] = []

    func add(to params: inout JSONObject) {
        params.add("nationality", nationality)
        params.add("languages", languages)
        params.add("child_ages", childAges.isEmpty ? nil : .array(childAges.map { .integer($0) }))
        params.add("faiths", faiths)
        params.add("diets", diets)
        params.add("insurers", insurers)
    }
}
