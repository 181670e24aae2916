// swift-tools-version: 6.3
import PackageDescription

/// Settings of every target, one reason a flag.
let common: [SwiftSetting] = [
    // SE-0335: a protocol used as a type says `any`, so the cost of an existential is visible.
    .enableUpcomingFeature("ExistentialAny"),
    // SE-0444: a member is usable only where its module is imported, which lets the compiler hold the arrows of the house.
    .enableUpcomingFeature("MemberImportVisibility"),
    // SE-0409: an import stays private to its file unless the file says otherwise.
    .enableUpcomingFeature("InternalImportsByDefault"),
    // SE-0461: an async function runs on its caller's executor unless it says `@concurrent`.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// Settings of every target but the driver: unsafe code belongs in `Postgres`; elsewhere the compiler has each such
/// expression marked `unsafe` (SE-0458), and they are few: the CLI's socket and terminal, one look at unread bytes.
let safe: [SwiftSetting] = common + [.strictMemorySafety()]

let package = Package(
    name: "amenity-directory",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "amenityd", targets: ["amenityd"]),
        .executable(name: "amenity", targets: ["amenity"]),
        .executable(name: "amenity-requests", targets: ["amenity-requests"]),
        .executable(name: "amenity-feedback", targets: ["amenity-feedback"]),
        .executable(name: "amenity-upkeep", targets: ["amenity-upkeep"]),
    ],
    dependencies: [
        // The service's sockets: event loops, framing buffers, back-pressure.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // TLS for SwiftNIO's channels, on `--tls-listen`; it brings its own BoringSSL.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // The commands of `amenity`: parsing, help, completions, exit codes.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Double-ended queues of the driver's pipeline; SwiftNIO brings the package in any case.
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // One logging interface for every program.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Switches over environment over file over defaults, with secrets marked as such.
        .package(
            url: "https://github.com/apple/swift-configuration",
            from: "1.4.0",
            traits: ["JSON"]
        ),
        // One checked write to standard error, for log lines; SwiftNIO brings the package in any case.
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        // The queue's spans: whoever takes the queue along brings the tracer of their choice.
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        // Start in order, stop in reverse on SIGTERM, with a bound on how long stopping may take.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "Postgres",
            dependencies: ["CLibpq", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: common
        ),
        .target(
            name: "JobQueue",
            dependencies: ["Postgres", .product(name: "Tracing", package: "swift-distributed-tracing")],
            exclude: ["README.md"],
            resources: [.embedInCode("queries")],
            swiftSettings: safe
        ),
        .target(
            name: "Catalog",
            dependencies: ["Postgres"],
            resources: [.embedInCode("queries")],
            swiftSettings: safe
        ),
        .target(
            name: "Access",
            dependencies: ["Postgres"],
            exclude: ["README.md"],
            resources: [.embedInCode("queries")],
            swiftSettings: safe
        ),
        .target(
            name: "Intake",
            dependencies: ["Postgres", "JobQueue", "Catalog"],
            resources: [.embedInCode("queries")],
            swiftSettings: safe
        ),
        .target(
            name: "Gaps",
            dependencies: ["Postgres", "Catalog"],
            resources: [.embedInCode("queries")],
            swiftSettings: safe
        ),
        .target(
            name: "Service",
            dependencies: [
                "Postgres", "JobQueue", "Catalog", "Access", "Intake", "Gaps",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["METHODS.md"],
            resources: [.embedInCode("queries")],
            swiftSettings: safe
        ),
        .target(
            name: "Commands",
            dependencies: [
                "Postgres", "JobQueue", "Catalog", "Access", "Intake", "Gaps", "Service",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.embedInCode("migrations")],
            swiftSettings: safe
        ),
        .executableTarget(name: "amenityd", dependencies: ["Service", "Access", "JobQueue"], swiftSettings: safe),
        .executableTarget(name: "amenity", dependencies: ["Commands"], swiftSettings: safe),
        .executableTarget(
            name: "amenity-requests",
            dependencies: ["Service", "Intake", "JobQueue"],
            path: "workers/requests",
            swiftSettings: safe
        ),
        .executableTarget(
            name: "amenity-feedback",
            dependencies: ["Service", "Intake", "JobQueue"],
            path: "workers/feedback",
            swiftSettings: safe
        ),
        .executableTarget(
            name: "amenity-upkeep",
            dependencies: ["Service", "JobQueue", "Postgres", "Catalog"],
            path: "workers/upkeep",
            swiftSettings: safe
        ),
        .target(
            name: "TestSupport",
            dependencies: ["Postgres", "Catalog", "Commands"],
            path: "Tests/TestSupport",
            swiftSettings: common
        ),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "JobQueueTests",
            dependencies: [
                "JobQueue", "TestSupport", .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: common
        ),
        .testTarget(name: "CatalogTests", dependencies: ["Catalog", "TestSupport"], swiftSettings: common),
        .testTarget(name: "AccessTests", dependencies: ["Access", "Postgres", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "IntakeTests",
            dependencies: ["Catalog", "Intake", "JobQueue", "TestSupport"],
            swiftSettings: common
        ),
        .testTarget(name: "GapsTests", dependencies: ["Catalog", "Gaps", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "Service", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Configuration", package: "swift-configuration"),
            ],
            swiftSettings: common
        ),
        .testTarget(name: "CommandsTests", dependencies: ["Commands", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "ProgramTests",
            dependencies: ["Access", "Commands", "Postgres", "Service", "TestSupport"],
            swiftSettings: common
        ),
    ],
    swiftLanguageModes: [.v6]
)
