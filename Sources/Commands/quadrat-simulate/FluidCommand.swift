// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import FluidModel

/// `quadrat-simulate fluid`: a million light nodes over storage nodes that are queues.
enum FluidCommand {
    static let verb = Verb(
        "fluid", "very many light nodes, storage nodes as queues",
        discussion: """
            Every request, answer and deadline is an event; light nodes are a few bytes each. Give \
            the service times that were measured on real sockets. Exit status 3 when a block whose \
            data is there was called withheld, or the other way round.
            """,
        options: [
            Option("light", .integer("N", 1...1_048_576), "light nodes", fallback: "1000000"),
            Option("storage", .integer("N", 8...100_000), "storage nodes", fallback: "1000"),
            Option("connections", .integer("N", 3...8), "storage nodes each knows", fallback: "5"),
            Option("width", .integer("K", 1...512), "the original square's side", fallback: "128"),
            Option("blocks", .integer("N", 1...1_000), "how many blocks", fallback: "5"),
            Option(
                "block-ms", .integer("MS", 3_000...60_000), "from block to block",
                fallback: "6000"),
            Option(
                "spread-ms", .integer("MS", 0...20_000),
                "light nodes begin spread over so long; 0 is a storm", fallback: "3000"),
            Option(
                "request-ns", .integer("NS", 0...10_000_000), "processor time of a request",
                fallback: "20000"),
            Option(
                "sample-ns", .integer("NS", 0...10_000_000), "processor time of a sample",
                fallback: "10000"),
            Option(
                "sample-bytes", .integer("BYTES", 1...65_536), "a sample on the wire",
                fallback: "1450"),
            Option(
                "uplink-mbit", .integer("MBIT", 1...400_000), "what a storage node can send",
                fallback: "1000"),
            Option(
                "silent", .integer("PERMILLE", 0...1_000), "storage nodes that never answer",
                fallback: "0"),
            Option(
                "empty", .integer("PERMILLE", 0...1_000), "storage nodes that hold nothing",
                fallback: "0"),
            Option("withhold", .text("none|minimal|whole"), "what is hidden", fallback: "none"),
            Option("one-by-one", .flag, "a request for each sample, as shrex has it"),
            Option(
                "seed", .integer("N", 0...Int64.max), "where every draw comes from",
                fallback: "1"),
            Option("json", .flag, "for machines"),
        ],
        examples: [
            "fluid", "fluid --silent 200 --seed 7", "fluid --withhold minimal --light 200000",
            "fluid --spread-ms 0 --one-by-one",
        ],
        action: { call throws(CommandFault) in
            let configuration = try configuration(call)
            let clock = ContinuousClock()
            let began = clock.now
            var world = FluidWorld(configuration)
            let report = world.run()
            let seconds = (clock.now - began) / .seconds(1)
            let text = FluidText(report: report, wallSeconds: seconds)
            if call.flag("json") {
                call.terminal.print(text.json)
            } else {
                text.lines.forEach(call.terminal.print)
            }
            return text.isAsExpected ? .done : .untrue
        })

    private static func configuration(
        _ call: Invocation
    ) throws(CommandFault) -> FluidConfiguration {
        func number(_ name: String) throws(CommandFault) -> Int {
            Int(try call.integer(name) ?? 0)
        }
        var configuration = FluidConfiguration()
        configuration.lightNodes = try number("light")
        configuration.storageNodes = try number("storage")
        configuration.connections = try number("connections")
        configuration.width = try number("width")
        configuration.blocks = try number("blocks")
        configuration.blockMilliseconds = try number("block-ms")
        configuration.spreadMilliseconds = try number("spread-ms")
        configuration.requestNanoseconds = try number("request-ns")
        configuration.sampleNanoseconds = try number("sample-ns")
        configuration.sampleBytes = try number("sample-bytes")
        configuration.uplinkMegabits = try number("uplink-mbit")
        configuration.silentPerMille = try number("silent")
        configuration.emptyPerMille = try number("empty")
        configuration.isSampleMany = !call.flag("one-by-one")
        configuration.seed = UInt64(try number("seed"))
        configuration.samples = min(16, 4 * configuration.width * configuration.width)
        switch call.text("withhold") {
        case "none", nil: configuration.withholding = .none
        case "minimal": configuration.withholding = .minimal
        case "whole": configuration.withholding = .whole
        case let other?:
            throw .usage("--withhold is '\(other)'", hint: "it is none, minimal or whole")
        }
        return configuration
    }
}
