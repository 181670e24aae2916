import Access
import Configuration
import NIOCore
import Testing

@testable import Service

@Suite("What limits are made of")
struct LimitsTests {
    @Test("Addresses are read in their usual forms, and one peer has one address")
    func addresses() throws {
        #expect(IPAddress("192.0.2.1")?.isV4 == true)
        #expect(IPAddress("::ffff:192.0.2.1") == IPAddress("192.0.2.1"))
        #expect(IPAddress("2001:db8::1") == IPAddress("2001:0DB8:0:0:0:0:0:1"))
        #expect(IPAddress("fe80::1%eth0") == IPAddress("fe80::1"))
        #expect(IPAddress("::") != nil && IPAddress("1::") != nil)
        for text in ["127.8.0.1", "::1"] { #expect(IPAddress(text)?.isLoopback == true) }
        #expect(IPAddress("128.0.0.1")?.isLoopback == false)
        for text in [
            "", "1.2.3", "1.2.3.256", "1.2.3.+4", "1:2", "1::2::3", "12345::", ":::", "1:2:3:4:5:6:7:8:9", "x",
        ] {
            #expect(IPAddress(text) == nil, "\(text)")
        }
        let peers = try ["192.0.2.1", "192.0.2.9", "192.0.3.1"].map { Peer(try #require(IPAddress($0))) }
        #expect(peers[0].address != peers[1].address)
        #expect(peers[0].network == peers[1].network && peers[0].network != peers[2].network)
        let customers = try ["2001:db8:1:2::1", "2001:db8:1:2:9::", "2001:db8:1:3::1"]
            .map { Peer(try #require(IPAddress($0))) }
        #expect(customers[0] == customers[1])
        #expect(customers[0].address != customers[2].address && customers[0].network == customers[2].network)
    }

    @Test(
        "Networks",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::2", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("::/0", "8.8.8.8", true),
            ("::ffff:10.0.0.0/104", "10.1.1.1", true),
        ]
    )
    func networks(_ network: String, _ address: String, _ isInside: Bool) throws {
        let (network, address) = (try #require(NetworkPrefix(network)), try #require(IPAddress(address)))
        #expect(network.contains(address) == isInside)
        #expect(NetworkPrefix(network.description) == network)
    }

    @Test(
        "What is no network is refused",
        arguments: ["10.0.0.0/33", "10.0.0.0/-1", "::/129", "x/8", "10.0.0.0/8/8", "/8"]
    )
    func badNetworks(_ text: String) { #expect(NetworkPrefix(text) == nil) }

    @Test("A full table forgets what was not used for longest, and only that")
    func recentTable() {
        var table = RecentTable<Int, Int>(limit: 3)
        func add(_ key: Int) -> Int {
            table.update(key, default: { 0 }) { value in
                value += 1
                return value
            }
        }
        #expect([1, 2, 3, 1].map(add) == [1, 1, 1, 2])
        #expect(add(4) == 1)
        #expect([1, 2, 3, 4].map(table.contains) == [true, false, true, true])
        table.remove(1)
        table.remove(7)
        #expect([5, 6].map(add) == [1, 1])
        #expect([1, 3, 4, 5, 6].map(table.contains) == [false, false, true, true, true])
        table.remove(4)
        table.remove(6)
        table.remove(5)
        #expect(table.count == 0)
        #expect(add(9) == 1)
        #expect(table.contains(9))
    }

    @Test("A table used at random keeps exactly the last that were used")
    func recentModel() {
        var table = RecentTable<Int, Int>(limit: 8)
        var recent: [Int] = []
        var state: UInt64 = 7
        for _ in 0..<5000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let key = Int(state >> 33 % 20)
            recent.removeAll { $0 == key }
            if state >> 20 & 7 == 0 {
                table.remove(key)
            } else {
                table.update(key, default: { key }) { #expect($0 == key) }
                recent = recent.suffix(7) + [key]
            }
            #expect((0..<20).filter(table.contains) == recent.sorted())
        }
    }

    @Test("Every number has a name of its own, a place in system.limits and a switch that sets it")
    func settings() throws {
        let names = LimitSetting.all.map(\.name)
        #expect(Set(names).count == names.count)
        let json = String(decoding: ServiceLimits().json(costs: [("a.b", 3)]), as: UTF8.self)
        #expect(try JSONDocument(ByteBuffer(string: json)).duplicate(in: JSONDocument.root) == nil)
        #expect(json.contains(#""frame_bytes":1048576"#) && json.contains(#""costs":{"a.b":3,"failure":2"#))
        for setting in LimitSetting.all {
            let fallback = setting.read(ServiceLimits())
            #expect(setting.range.contains(fallback), "\(setting.name)")
            #expect(json.contains("\"\(setting.name)\":\(fallback)"))
            let other = fallback == setting.range.upperBound ? fallback - 1 : fallback + 1
            let key = AbsoluteConfigKey(["limit-\(setting.switchName)"])
            func limits(_ value: Int) throws -> ServiceLimits {
                let values = [key: ConfigValue(.int(value), isSecret: false)]
                return try ServiceLimits(config: ConfigReader(provider: InMemoryProvider(values: values)))
            }
            #expect(setting.read(try limits(other)) == other, "\(setting.name)")
            #expect(throws: SettingError.self) { _ = try limits(setting.range.lowerBound - 1) }
            #expect(ServiceConfiguration.switches.contains { $0.name == "limit-\(setting.switchName)" })
        }
    }

    @Test("Exempt networks are read with commas between, and a mistake is named")
    func exempt() throws {
        func limits(_ text: String) throws -> ServiceLimits {
            let values = [AbsoluteConfigKey(["limits-exempt"]): ConfigValue(.string(text), isSecret: false)]
            return try ServiceLimits(config: ConfigReader(provider: InMemoryProvider(values: values)))
        }
        let address = IPAddress("127.0.0.1")
        #expect(try limits("10.0.0.0/8, 127.0.0.0/8,::1").peer(address) == nil)
        #expect(try limits("").peer(address) != nil)
        #expect {
            _ = try limits("127.0.0.1,nowhere")
        } throws: {
            "\($0)".contains("nowhere")
        }
    }

    @Test("What waits for nothing is free, what is dear takes much of the line, and a parameter may cost more")
    func costs() throws {
        func entry(_ name: String) throws -> MethodEntry {
            try #require(MethodTable.release.entries.first { $0.name == name })
        }
        let weights = ["system.ping": 0, "system.health": 0, "parks.get": 1, "taxonomy.list": 16, "reports.gaps": 16]
        for (name, cost) in [
            "system.ping": 0, "system.health": 0, "parks.get": 1, "taxonomy.list": 4, "reports.gaps": 50,
        ] {
            #expect(try entry(name).cost == cost, "\(name)")
            #expect(try entry(name).weight == weights[name] || cost == 0, "\(name)")
        }
        for entry in MethodTable.release.entries {
            for (parameter, _) in entry.surcharges { #expect(entry.parameters.contains { $0.name == parameter }) }
        }
        let search = try entry("amenities.search")
        for (params, cost) in [(#"{"q":"a"}"#, 2), (#"{"q":"a","facets":["category"]}"#, 4)] {
            let document = try JSONDocument(ByteBuffer(string: params))
            let arguments = try Arguments(JSONDocument.root, of: search.parameters, in: document)
            #expect(search.cost(of: arguments) == cost)
        }
    }

    @Test("A message has its time from its first byte, more if it is long, and an idle client has long")
    func arrivals() {
        var limits = ServiceLimits()
        limits.frameBytesPerSecond = 100
        let start = NIODeadline.uptimeNanoseconds(0)
        var watch = ArrivalWatch(limits: limits, at: start)
        #expect(watch.due == ArrivalWatch.Due(at: start + .seconds(15), fault: .slow))
        watch.looked(pending: 10, at: start + .seconds(9))
        #expect(watch.due == ArrivalWatch.Due(at: start + .seconds(19), fault: .slow), "begun within its time")
        watch.looked(pending: 310, at: start + .seconds(12))
        #expect(
            watch.due == ArrivalWatch.Due(at: start + .seconds(22), fault: .slow),
            "more bytes give more time, a late look does not"
        )
        watch.took(at: start + .seconds(13))
        watch.looked(pending: 0, at: start + .seconds(13))
        #expect(watch.due == ArrivalWatch.Due(at: start + .seconds(613), fault: .idle))
        watch.looked(pending: 1, at: start + .seconds(20))
        #expect(watch.due == ArrivalWatch.Due(at: start + .seconds(30), fault: .slow))
        watch.resumed(at: start + .seconds(25))
        #expect(
            watch.due == ArrivalWatch.Due(at: start + .seconds(35), fault: .slow),
            "what we didn't listen to is not its fault"
        )
    }

    @Test("Of unsent replies, who has more than half an equal share goes when there are too many")
    func unsent() {
        let unsent = UnsentReplies(limit: 1000)
        unsent.change(from: 0, to: 900)
        #expect(!unsent.isTooMuch(900))
        unsent.change(from: 0, to: 200)
        #expect(unsent.total == 1100)
        #expect(unsent.isTooMuch(900))
        #expect(!unsent.isTooMuch(200))
        #expect(!unsent.isTooMuch(0))
        unsent.change(from: 900, to: 0)
        #expect(!unsent.isTooMuch(200))
        unsent.change(from: 200, to: 0)
        #expect(unsent.total == 0)
    }

    @Test("Accepting stops above the limit and goes on well below it")
    func throttle() {
        let pauses = Metrics.Counter()
        let throttle = AcceptThrottle(limit: 100, pauses: pauses)
        let resumed = Metrics.Counter()
        for _ in 0..<116 {
            #expect(throttle.mayAccept { resumed.add() })
            throttle.opened()
        }
        #expect(!throttle.mayAccept { resumed.add() })
        #expect(pauses.value == 1)
        for _ in 0..<20 { throttle.closed() }
        #expect(resumed.value == 0)
        throttle.closed()
        #expect(resumed.value == 1)
        throttle.closed()
        #expect(resumed.value == 1, "once")
        #expect(throttle.mayAccept { resumed.add() })
    }
}
